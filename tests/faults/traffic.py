"""Members who talk without a pause in a cluster, and the verdict on what they were told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from itertools import count, cycle
from typing import Any

from tests.faults.checker import verdict
from tests.faults.harness import Cluster
from tests.faults.member import ANSWER_SECONDS, Member, Spoken
from tests.faults.pace import Stretch
from tests.support.world import until

PAUSE_SECONDS = 0.04
"""Between an acknowledgement and the same member's next message."""
SETTLE_SECONDS = 10.0
LATE_SECONDS = 2.0
"""The longest way of a message to whoever is connected, once everything is there."""
LOG_LINES = 30
"""What a node may log of one fault. Ten seconds without PostgreSQL take 23."""
GROWTH_MEGABYTES = 10.0
"""What a node may keep of a fault. Most keep 2 MB, a crowd of 500 leaves 7 MB to be used again."""
WHISPER = "whispered"
"""Stands in everything that members say, and nowhere else."""


class Traffic:
    """Everybody in two rooms, spread over all nodes.

    With `talking_on`, only those at home on that node talk; with `talkers`, only so many.
    Each rests for `pause` seconds between two messages, and waits for an answer for `patience`.
    """

    def __init__(
        self,
        cluster: Cluster,
        *,
        talking_on: int | None = None,
        talkers: int | None = None,
        pause: float = PAUSE_SECONDS,
        patience: float = ANSWER_SECONDS,
        text: str = WHISPER,
        growth: float = GROWTH_MEGABYTES,
    ) -> None:
        self.cluster, self._pause, self._text = cluster, pause, text
        self._patience, self._growth = patience, growth
        self.rooms = cluster.rooms(2)
        self._tokens = list(cluster.community.tokens.items())
        self.members = self._devices(len(self._tokens))
        able = self.members if talking_on is None else self.at_home(talking_on)
        self._talkers = able[:talkers]
        self.spoken: list[Spoken] = []
        self._whole_since = 0.0
        self._memory: list[float] = []
        self._enough = asyncio.Event()
        self._staying: list[asyncio.Task[None]] = []
        self._talking: list[asyncio.Task[None]] = []

    def _devices(self, count: int) -> list[Member]:
        urls = [node.url for node in self.cluster.nodes]
        return [
            Member(*owner, urls, number % len(urls), self.rooms, self._patience)
            for number, owner in zip(range(count), cycle(self._tokens), strict=False)
        ]

    def at_home(self, node: int) -> list[Member]:
        """The members whose first node this was."""
        return [member for member in self.members if member.home == node]

    def all_on(self, node: int) -> bool:
        """Whether everybody is at this node now."""
        return all(member.node == node for member in self.members)

    def more_devices(self, count: int) -> list[Member]:
        """Further devices of the members in turn, one on each node in turn, that come now."""
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
            self._memory = self.cluster.memory()
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
            text = f"{self._text} {number} by {member.handle}"
            self.spoken.append(await member.say(room, text))
            await asyncio.sleep(self._pause)

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

    async def for_a_while(self, seconds: float) -> Stretch:
        """What is said within this time."""
        loop, first = asyncio.get_running_loop(), len(self.spoken)
        began = loop.time()
        await self.until(lambda: loop.time() >= began + seconds, seconds + 1)
        return Stretch(self.spoken[first:], loop.time() - began)

    def whole(self) -> None:
        """What was broken is there again: whatever was held up by it has to be told soon."""
        self._whole_since = asyncio.get_running_loop().time()

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
        """Every way in which the promise was broken, and what an operator would complain of."""
        views = [view for member in self.members for view in member.views.values()]
        said = [spoken.what for spoken in self.spoken]
        rows = await self.cluster.rows(self.rooms)
        found = [*verdict(said, rows, views), *self._late(), *self._kept()]
        if complaints:
            secrets = [WHISPER, *(token for _, token in self._tokens)]
            found += self.cluster.complaints(secrets, LOG_LINES)
        return found

    def _late(self) -> Iterator[str]:
        """Messages that did not come in time to somebody who was connected."""
        for member in self.members:
            for spoken in self.spoken:
                arrival = member.arrived.get(spoken.what.id)
                if arrival is None:
                    continue  # the verdict says so
                due = max(spoken.ended, self._whole_since, arrival.connected) + LATE_SECONDS
                if arrival.at > due:
                    late = arrival.at - due + LATE_SECONDS
                    yield f"{member.handle}: {spoken.what.seq} came after {late:.2f} s"

    def _kept(self) -> Iterator[str]:
        """Memory that a node has not given back; one that was started anew begins anew."""
        for before, now in zip(self._memory, self.cluster.memory(), strict=True):
            if now > before + self._growth:
                yield f"a node has {now:.1f} MB, and had {before:.1f} MB"
