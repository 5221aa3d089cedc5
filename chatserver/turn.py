"""What is to be done once when a turn of the event loop is over.

A turn in which twenty messages of a room are stored costs each follower one system call, not
twenty. Nobody waits for it: all of it is done before the loop looks at sockets again.
"""

import asyncio
from collections.abc import Callable

from .logs import get_log

Work = Callable[[], None]


class Turn:
    """Rooms hand out first, then connections write: what rooms hand out goes with the rest."""

    def __init__(self) -> None:
        self._rooms: list[Work] = []
        self._writes: list[Work] = []
        self._planned = False

    def hand_out(self, work: Work) -> None:
        """Call this when the turn is over, before anything is written."""
        self._rooms.append(work)
        self._plan()

    def write(self, work: Work) -> None:
        """Call this when the turn is over and every room has handed out."""
        self._writes.append(work)
        self._plan()

    def _plan(self) -> None:
        if not self._planned:
            self._planned = True
            asyncio.get_running_loop().call_soon(self._end)

    def _end(self) -> None:
        rooms, self._rooms = self._rooms, []
        for work in rooms:
            _do(work)
        self._planned = False
        writes, self._writes = self._writes, []
        for work in writes:
            _do(work)


def _do(work: Work) -> None:
    try:
        work()
    except Exception as error:  # noqa: BLE001 - the others have their turn, whatever this was
        get_log().error("turn.failed", exc_info=error)
