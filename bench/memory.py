"""`python -m bench.memory`: what one remembered message takes of a node's memory.

A live room remembers two things of what was said: the last turns, for the screen, and, while
people come, the latest messages as they are shown. Both are made here as a node makes them, and
Python's own count of allocated bytes is read before and after.
"""

import os
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import click

from bench.wire import FILLER
from chatserver import views
from chatserver.latest import LATEST
from chatserver.live import RECENT_TURNS, New
from people.ids import PersonId, new_uuid
from rooms.chat.model import Author, Sight, State, Stored
from rooms.chat.screen import Turn
from rooms.ids import MessageId, RoomId

MADE = 20_000
SEALED = 28
"""Bytes by which a sealed text is longer: its nonce and its tag."""


def main() -> None:
    """Print both figures."""
    room = RoomId(uuid4())
    turn, message = _each(_turn), _each(lambda number: _new(room, number))
    click.echo(f"a turn for the screen: {turn:.0f} bytes, {RECENT_TURNS} in a lively room")
    click.echo(f"a latest message: {message:.0f} bytes, {LATEST} in a room that people come to")


def _each(make: Callable[[int], object]) -> float:
    """Bytes that one of many takes."""
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    kept = [make(number) for number in range(MADE)]
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (after - before) / len(kept)


def _text(number: int) -> str:
    return f"{number:018d}{FILLER.decode()}"


def _turn(number: int) -> Turn:
    return Turn(PersonId(uuid4()), _text(number))


def _new(room: RoomId, number: int) -> New:
    author = Author(PersonId(uuid4()), f"member{number:05d}")
    text = _text(number)
    body = os.urandom(len(text) + SEALED)
    at = datetime.now(UTC)
    stored = Stored(room, number + 1, MessageId(new_uuid()), author, at, State.VISIBLE, body)
    new = New(stored)
    new.shown = views.message(stored, Sight.FULL, text)
    return new


if __name__ == "__main__":
    main()
