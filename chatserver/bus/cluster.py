"""Which server of a Redis Cluster holds which channel."""

import asyncio
from bisect import bisect_right
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import chain, count
from typing import Any

from redis.crc import key_slot

from .addresses import ClusterServers, Place
from .wire import BACKOFF_SECONDS, FAILURES, ask, dropped, opened

LOOK_SECONDS = 5.0
"""How often the layout is looked up although nothing points at a change: a master that hands over
in good order breaks no connection."""
PAUSE_SECONDS = 0.1
"""Least time between two looks."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Ranges of slots by their first, with their last and their master."""

    ranges: tuple[tuple[int, int, Place], ...]

    def owner(self, channel: str) -> Place | None:
        """The master that holds a channel's slot, unless nobody does."""
        slot = key_slot(channel.encode())
        at = bisect_right(self.ranges, slot, key=lambda row: row[0]) - 1
        return self.ranges[at][2] if at >= 0 and slot <= self.ranges[at][1] else None

    @property
    def masters(self) -> frozenset[Place]:
        """The masters that hold any slot."""
        return frozenset(place for _, _, place in self.ranges)


def layout_of(slots: Sequence[Any], asked: Place) -> Layout:
    """A layout from the answer to CLUSTER SLOTS. A server without a name is the one that was
    asked, as far as the host goes."""
    rows = sorted(
        (first, last, ((master[0] or b"").decode() or asked[0], master[1]))
        for first, last, master, *_ in slots
    )
    return Layout(tuple(rows))


class Lookout:
    """Looks up the layout of a cluster, at it through every failure."""

    def __init__(self, servers: ClusterServers, found: Callable[[Layout], Awaitable[None]]) -> None:
        self._servers, self._found = servers, found
        self._layout = Layout(())
        self._turn = count()
        self._doubted = asyncio.Event()

    def doubt(self) -> None:
        """Something points at a change: look soon."""
        self._doubted.set()

    async def run(self) -> None:
        """Look now, then at every doubt and every few seconds, until cancelled."""
        attempt = 0
        while True:
            try:
                await self.look()
                attempt = 0
            except FAILURES:
                self._doubted.set()
                await asyncio.sleep(BACKOFF_SECONDS[min(attempt, len(BACKOFF_SECONDS) - 1)])
                attempt += 1
                continue
            await asyncio.sleep(PAUSE_SECONDS)
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._doubted.wait()

    async def look(self) -> None:
        """Ask the servers, one after the other, until one answers. Raises one of FAILURES."""
        doubted = self._doubted.is_set()
        self._doubted.clear()  # before it is asked: what is doubted from now on is looked up anew
        known = list(dict.fromkeys(chain(sorted(self._layout.masters), self._servers.seeds)))
        # Another one first each time: one that is cut off from the rest still says what once was.
        first = next(self._turn) % len(known)
        layout = await self._ask(known[first:] + known[:first])
        if doubted or layout != self._layout:
            self._layout = layout
            await self._found(layout)

    async def _ask(self, places: Iterable[Place]) -> Layout:
        failure: Exception = OSError("no server of the cluster is known")
        for place in places:
            connection = None
            try:
                connection = await opened(partial(self._servers.connect, place))
                return layout_of(await ask(connection, "CLUSTER", "SLOTS"), place)
            except FAILURES as error:
                failure = error
            finally:
                await dropped(connection)
        raise failure
