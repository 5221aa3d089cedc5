"""The latest messages of a room, as a pure record of what its followers are told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from chatserver.latest import LATEST, Latest
from chatserver.live import New
from people.ids import PersonId, new_uuid
from rooms.chat.model import Author, State, Stored
from rooms.ids import MessageId, RoomId

ROOM, ROBIN = RoomId(new_uuid()), Author(PersonId(new_uuid()), "robin")
START = datetime(2026, 1, 1, tzinfo=UTC)


def message(seq: int, revision: int = 0) -> Stored:
    at = START + timedelta(seconds=seq)
    found = MessageId(new_uuid())
    return Stored(ROOM, seq, found, ROBIN, at, State.VISIBLE, b"", revision=revision)


def seqs(found: list[New] | None) -> list[int] | None:
    return None if found is None else [new.message.seq for new in found]


@given(st.integers(0, 120), st.integers(0, 120), st.integers(0, 240))
def test_what_is_given_after_a_place_is_everything_after_it(old: int, new: int, after: int) -> None:
    latest = Latest([message(seq) for seq in range(1, old + 1)][-LATEST:], 0.0)
    for seq in range(old + 1, old + new + 1):
        latest.add(New(message(seq), "text"))
    found = seqs(latest.after(after, None))
    everything = list(range(after + 1, old + new + 1))
    assert found == everything or (found is None and len(everything) > LATEST)
    assert seqs(latest.after(None, None)) == list(range(1, old + new + 1))[-LATEST:]


def test_a_change_takes_the_place_of_what_was_there() -> None:
    latest = Latest([message(1), message(2)], 0.0)
    latest.change(New(message(2, revision=7)))
    latest.change(New(message(9, revision=8)))  # too old to be among them
    found = latest.after(None, None)
    assert found is not None
    assert [(new.message.seq, new.message.revision) for new in found] == [(1, 0), (2, 7)]


def test_what_is_past_its_age_is_not_given() -> None:
    latest = Latest([message(1), message(2), message(3)], 0.0)
    assert seqs(latest.after(None, START + timedelta(seconds=2))) == [3]
