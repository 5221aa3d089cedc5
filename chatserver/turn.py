"""What is to be done once when a turn of the event loop is over.

A turn in which twenty messages of a room are stored costs each follower one system call, not
twenty. Nobody waits for it: all of it is done before the loop looks at sockets again.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol

from .logs import get_log

Work = Callable[[], None]


class Flushes(Protocol):
    """What has something to write."""

    def flush(self) -> None:
        """Write it."""


class Turn:
    """Rooms hand out first, then connections write: what rooms hand out goes with the rest."""

    def __init__(self) -> None:
        self._rooms: list[Work] = []
        self._writers: list[Flushes] = []
        self._planned = False

    def hand_out(self, work: Work) -> None:
        """Call this when the turn is over, before anything is written."""
        self._rooms.append(work)
        if not self._planned:
            self._plan()

    def write(self, writer: Flushes) -> None:
        """Flush this when the turn is over and every room has handed out."""
        self._writers.append(writer)
        if not self._planned:
            self._plan()

    def _plan(self) -> None:
        self._planned = True
        asyncio.get_running_loop().call_soon(self._end)

    def _end(self) -> None:
        rooms, self._rooms = self._rooms, []
        for work in rooms:
            try:
                work()
            except Exception as error:  # noqa: BLE001 - the others have their turn, whatever it was
                _failed(error)
        self._planned = False
        writers, self._writers = self._writers, []
        for writer in writers:
            try:
                writer.flush()
            except Exception as error:  # noqa: BLE001 - likewise
                _failed(error)


def _failed(error: Exception) -> None:
    get_log().error("turn.failed", exc_info=error)
