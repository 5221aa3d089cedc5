"""The hints themselves when Valkey is slow or a hint is bad. Messages do not depend on them, but
their speed does: a room that the bus forgot would be told by the sweep only."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis import asyncio as aioredis

from chatserver.bus import PEOPLE, AnyHint, Bus, PersonHint, RoomHint, room_channel
from chatserver.metrics import Metrics
from people.ids import PersonId, new_uuid
from rooms.ids import RoomId
from tests.faults.harness import Cluster
from tests.faults.server import frozen
from tests.support.world import World, until

QUICK_SECONDS = 5.0


@asynccontextmanager
async def started(bus: Bus) -> AsyncIterator[Bus]:
    bus.start()
    try:
        yield bus
    finally:
        await bus.stop()


def bus_of(cluster: Cluster, heard: list[AnyHint]) -> Bus:
    return Bus(cluster.redis_url, new_uuid(), Metrics(), receive=heard.append, up=heard.clear)


async def test_rooms_that_are_wanted_while_valkey_is_being_asked(still: Cluster) -> None:
    await still.start(nodes=0)
    rooms = [RoomId(new_uuid()) for _ in range(40)]
    heard: list[AnyHint] = []
    async with started(bus_of(still, [])) as other:
        await until(lambda: other.connected)
        bus = bus_of(still, heard)
        with frozen(still.valkey()):
            async with asyncio.timeout(1):
                bus.start()
                for room in rooms:  # some before it has asked, most after
                    await bus.subscribe(room)
                    await asyncio.sleep(0.01)
        await until(lambda: bus.connected)
        for room in rooms:
            other.publish(room_channel(room), RoomHint(room))
        await until(lambda: len(heard) == len(rooms), QUICK_SECONDS)
        await bus.stop()


async def test_a_hint_that_cannot_be_handled_costs_only_itself(still: Cluster) -> None:
    await still.start(nodes=0)
    heard: list[AnyHint] = []

    def receive(hint: AnyHint) -> None:
        heard.append(hint)
        if len(heard) == 1:
            raise ZeroDivisionError

    bus = Bus(still.redis_url, new_uuid(), Metrics(), receive=receive, up=lambda: None)
    async with started(bus), started(bus_of(still, [])) as other:
        await until(lambda: bus.connected and other.connected)
        redis = aioredis.from_url(still.redis_url)
        assert await redis.publish(PEOPLE, b"no hint at all") == 2
        await redis.aclose()
        for _ in range(3):
            other.publish(PEOPLE, PersonHint(PersonId(new_uuid())))
        await until(lambda: len(heard) == 3, QUICK_SECONDS)


async def test_the_last_one_goes_as_another_comes(world: World) -> None:
    """The room is closed and opened in one breath, and hints of it still arrive."""
    robin = await world.person("robin")
    room = await world.room("Room", robin)
    node = await world.node()
    client = await world.client(node, robin)
    await client.do("room:join", room=room)
    live = node.fanout.get(room)
    assert live is not None
    ((_, subscription),) = live.followers.items()
    node.fanout.unfollow(subscription.connection, room)
    await node.fanout.follow(subscription.connection, room, subscription.viewer)
    redis = aioredis.from_url(world.addresses.redis_url)
    channel = room_channel(room)
    for _ in range(20):  # each is a turn of the loop in which it could be dropped
        assert await redis.pubsub_numsub(channel) == [(channel.encode(), 1)]
    await redis.aclose()
