"""Members who talk without a pause in a cluster, and the verdict on what they were told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

from tests.faults.checker import verdict
from tests.faults.harness import Cluster
from tests.faults.member import Member, Spoken
from tests.support.world import until

PAUSE_SECONDS = 0.04
"""Between an acknowledgement and the same member's next message."""
SETTLE_SECONDS = 10.0


class Traffic:
    """Everybody in two rooms, spread over all nodes. With `talking_on`, only those at home on
    that node talk."""

    def __init__(self, cluster: Cluster, talking_on: int | None = None) -> None:
        self.cluster = cluster
        self.rooms = cluster.rooms(2)
        self._tokens = list(cluster.community.tokens.items())
        self.members = self._devices(len(self._tokens))
        self._talkers = self.members if talking_on is None else self.at_home(talking_on)
        self.spoken: list[Spoken] = []
        self._enough = asyncio.Event()
        self._staying: list[asyncio.Task[None]] = []
        self._talking: list[asyncio.Task[None]] = []

    def _devices(self, count: int) -> list[Member]:
        urls = [node.url for node in self.cluster.nodes]
        return [
            Member(handle, token, urls, number % len(urls), self.rooms)
            for number, (handle, token) in enumerate(self._tokens[:count])
        ]

    def at_home(self, node: int) -> list[Member]:
        """The members whose first node this was."""
        return [member for member in self.members if member.home == node]

    def all_on(self, node: int) -> bool:
        """Whether everybody is at this node now."""
        return all(member.node == node for member in self.members)

    def more_devices(self, count: int) -> list[Member]:
        """Further devices of some members, one on each node in turn, that come now."""
        devices = self._devices(count)
        self.members = [*self.members, *devices]
        self._staying += [asyncio.create_task(device.stay()) for device in devices]
        return devices

    @asynccontextmanager
    async def flowing(self) -> AsyncIterator[None]:
        """Everybody joins, and talks while the block runs."""
        self._staying = [asyncio.create_task(member.stay()) for member in self.members]
        try:
            await self.until(lambda: all(member.node is not None for member in self.members))
            self._talking = [asyncio.create_task(self._talk(member)) for member in self._talkers]
            yield
            self._enough.set()
            await self.until(lambda: all(task.done() for task in self._talking), 20)
            await self._settle()
        finally:
            for task in [*self._talking, *self._staying]:
                task.cancel()
            await asyncio.gather(*self._talking, *self._staying, return_exceptions=True)

    async def _talk(self, member: Member) -> None:
        for number in count():
            if self._enough.is_set():
                return
            room = self.rooms[number % len(self.rooms)]
            self.spoken.append(await member.say(room, f"number {number} by {member.handle}"))
            await asyncio.sleep(PAUSE_SECONDS)

    async def until(self, true: Callable[[], Any], seconds: float = 15) -> None:
        """Wait until something holds; fail at once when a member failed."""

        def holds() -> Any:
            for task in [*self._talking, *self._staying]:
                if task.done() and not task.cancelled():
                    task.result()
            return true()

        await until(holds, seconds)

    async def more(self, messages: int, seconds: float = 20) -> None:
        """Wait until so many more messages were acknowledged."""
        goal = len(self.spoken) + messages
        await self.until(lambda: len(self.spoken) >= goal, seconds)

    async def _settle(self) -> None:
        """Wait until everybody has what is stored; what is missing then is the checker's to say."""
        last: dict[str, int] = {}
        for row in await self.cluster.rows(self.rooms):
            last[row.room] = max(last.get(row.room, 0), row.seq)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + SETTLE_SECONDS
        while loop.time() < deadline:
            if all(m.position[room] >= seq for m in self.members for room, seq in last.items()):
                return
            await asyncio.sleep(0.01)

    async def broken(self, *, complaints: bool = True) -> list[str]:
        """Every way in which the promise was broken, and every error that a node logged."""
        views = [view for member in self.members for view in member.views.values()]
        said = [spoken.what for spoken in self.spoken]
        rows = await self.cluster.rows(self.rooms)
        return verdict(said, rows, views) + (self.cluster.complaints() if complaints else [])
