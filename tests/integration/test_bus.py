"""The bus as another node, and Redis itself, sees it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from redis import asyncio as aioredis

from chatserver.bus import Added, AnyHint, Bus, Present, RoomHint, room_channel
from chatserver.metrics import Metrics
from chatserver.services import Addresses
from people.ids import PersonId, new_uuid
from rooms.chat.model import Author, State, Stored
from rooms.ids import MessageId, RoomId
from tests.support.world import TestClock, until


@asynccontextmanager
async def started(url: str, heard: list[AnyHint]) -> AsyncIterator[Bus]:
    bus = Bus(url, new_uuid(), Metrics(), receive=heard.append, up=lambda: None)
    bus.start()
    try:
        await until(lambda: bus.connected)
        yield bus
    finally:
        await bus.stop()


@pytest.fixture
async def redis(addresses: Addresses) -> AsyncIterator["aioredis.Redis"]:
    client = aioredis.from_url(addresses.redis_url)
    await client.config_resetstat()
    yield client
    await client.aclose()


def message(room: RoomId, seq: int) -> Added:
    author = Author(PersonId(new_uuid()), "robin")
    return Added(
        Stored(room, seq, MessageId(new_uuid()), author, TestClock()(), State.VISIBLE, b"sealed")
    )


async def comes_to(count: int, ask: Callable[[], Awaitable[int]]) -> None:
    """Ask Redis until it says so."""
    deadline = asyncio.get_running_loop().time() + 5
    while (found := await ask()) != count:
        assert asyncio.get_running_loop().time() < deadline, found
        await asyncio.sleep(0.005)


async def published(redis: "aioredis.Redis") -> int:
    """How many messages Redis was given to pass on."""
    stats = await redis.info("commandstats")
    return int(stats.get("cmdstat_publish", {"calls": 0})["calls"])


async def listen_to(redis: "aioredis.Redis", channel: str) -> int:
    """How many connections listen to a channel."""
    ((_, count),) = await redis.pubsub_numsub(channel)
    return int(count)


async def test_new_messages_stay_here_while_nobody_else_listens(
    addresses: Addresses, redis: "aioredis.Redis"
) -> None:
    room = RoomId(new_uuid())
    channel = room_channel(room)
    heard: list[AnyHint] = []
    async with started(addresses.redis_url, []) as bus:
        await bus.subscribe(room)
        await comes_to(1, lambda: listen_to(redis, channel))
        bus.publish(channel, message(room, 1))
        await until(lambda: bus.alone(channel))
        for seq in range(2, 10):
            bus.publish(channel, message(room, seq))
        bus.publish(channel, RoomHint(room))  # what is rare is always said
        await comes_to(2, lambda: published(redis))
        async with started(addresses.redis_url, heard) as other:
            await other.subscribe(room)
            other.publish(channel, Present(new_uuid(), room, {}, True))
            await until(lambda: not bus.alone(channel))
            hint = message(room, 10)
            bus.publish(channel, hint)
            await until(lambda: heard == [hint])


async def test_a_node_that_only_listens_is_told_a_second_later(
    addresses: Addresses, redis: "aioredis.Redis"
) -> None:
    """Whatever was lost that it said: once the second is over, a hint asks anew."""
    room = RoomId(new_uuid())
    channel = room_channel(room)
    heard: list[AnyHint] = []
    async with started(addresses.redis_url, []) as bus, started(addresses.redis_url, heard) as node:
        bus.publish(channel, message(room, 1))
        await until(lambda: bus.alone(channel))
        await node.subscribe(room)
        await comes_to(1, lambda: listen_to(redis, channel))
        await until(lambda: not bus.alone(channel), 2)
        for seq in (2, 3):
            bus.publish(channel, message(room, seq))
        await until(lambda: len(heard) == 2)
        assert not bus.alone(channel)
