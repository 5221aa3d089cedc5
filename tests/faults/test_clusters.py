"""Two nodes on a real cluster, and on a server that a Sentinel watches, while parts of it die."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from chatserver.bus import room_channel
from chatserver.node import Node
from chatserver.services import Addresses
from rooms.ids import RoomId
from tests.faults.valkeys import ValkeyCluster, valkey_cluster, valkey_with_sentinel
from tests.support.backend import empty
from tests.support.world import Client, World, until

BACK_SECONDS = 10.0
"""Longest until hints are live again after a master has died."""


class Pair:
    """Robin on one node and Kim on another, in the same rooms."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.nodes: list[Node] = []
        self.clients: list[Client] = []
        self.rooms: list[RoomId] = []
        self.count = 0

    async def meet(self, rooms: int) -> None:
        """Start both nodes, and have both people join."""
        robin, kim = [await self.world.person(name) for name in ("robin", "kim")]
        self.nodes = [await self.world.node(), await self.world.node()]
        await until(lambda: all(node.bus.connected for node in self.nodes))
        self.rooms = [await self.world.room(f"Room {n}", robin, kim) for n in range(rooms)]
        for node, person in zip(self.nodes, (robin, kim), strict=True):
            client = await self.world.client(node, person)
            self.clients.append(client)
            for room in self.rooms:
                await client.do("room:join", room=room)

    def _swept(self) -> float:
        """How often Kim's node has looked for what no hint had brought."""
        value = self.nodes[1].metrics.registry.get_sample_value("chat_recoveries_total")
        return value or 0.0

    async def say(self, room: RoomId) -> bool:
        """Robin says something and Kim hears it; whether it came by a hint."""
        self.count += 1
        text, before = f"message {self.count}", self._swept()
        await self.clients[0].say(room, text)
        await self.clients[1].until(lambda kim: text in kim.texts())
        return self._swept() == before

    async def until_live(self, room: RoomId) -> None:
        """Messages go on all the while, and come by hints again in the end."""
        deadline = time.monotonic() + BACK_SECONDS
        in_a_row = 0
        while in_a_row < 3:
            assert time.monotonic() < deadline
            in_a_row = in_a_row + 1 if await self.say(room) else 0
            await asyncio.sleep(0.05)


@pytest.fixture
async def pair(addresses: Addresses, tmp_path: Path) -> AsyncIterator[Pair]:
    await empty(addresses)
    async with AsyncExitStack() as stack:
        yield Pair(World(addresses, tmp_path, stack))


def one_of(cluster: ValkeyCluster, rooms: list[RoomId], master: int) -> RoomId:
    """A room whose channel one of the masters holds."""
    return next(room for room in rooms if cluster.master_of(room_channel(room)) == master)


async def test_a_cluster(pair: Pair, tmp_path: Path) -> None:
    async with valkey_cluster(tmp_path) as cluster:
        pair.world.addresses = Addresses(pair.world.addresses.database_url, cluster.url)
        await pair.meet(rooms=16)
        for master in range(3):
            await pair.until_live(one_of(cluster, pair.rooms, master))

        moved = one_of(cluster, pair.rooms, 1)
        await cluster.move(room_channel(moved), to=2)
        await pair.until_live(moved)

        orphan = one_of(cluster, pair.rooms, 0)
        await cluster.masters[0].kill()
        await pair.say(orphan)
        await until(lambda: not all(node.bus.connected for node in pair.nodes))
        for room in (orphan, moved):
            await pair.until_live(room)
        await until(lambda: all(node.bus.connected for node in pair.nodes))


async def test_a_server_that_a_sentinel_watches(pair: Pair, tmp_path: Path) -> None:
    async with valkey_with_sentinel(tmp_path) as watched:
        pair.world.addresses = Addresses(pair.world.addresses.database_url, watched.url)
        await pair.meet(rooms=1)
        await pair.until_live(pair.rooms[0])
        await watched.master.kill()
        await pair.say(pair.rooms[0])
        await until(lambda: all(node.bus.connected for node in pair.nodes))
        await pair.until_live(pair.rooms[0])
