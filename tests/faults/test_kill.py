"""Whatever process dies while members talk: what was acknowledged is stored, and everybody sees
it exactly once, in the room's one order."""

from __future__ import annotations

import asyncio
import signal
from functools import partial

import pytest
from redis import asyncio as aioredis

from tests.faults.harness import Cluster
from tests.faults.traffic import Traffic
from tests.integration.embedded.processes import strike

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_both_nodes_die_one_after_the_other(cluster: Cluster) -> None:
    traffic = Traffic(cluster)
    async with traffic.flowing():
        await traffic.more(250)
        for number, node in enumerate(cluster.nodes):
            await node.kill()
            await traffic.until(partial(traffic.all_on, 1 - number))
            await traffic.more(150)
            await node.start()
            await traffic.more(150)
    assert not await traffic.broken()


async def test_connections_die(cluster: Cluster) -> None:
    """Again and again, so that many a join meets a message on its way."""
    traffic = Traffic(cluster)
    async with traffic.flowing():
        for _ in range(12):
            await traffic.more(30)
            await asyncio.gather(*(member.drop() for member in traffic.members[::2]))
        await traffic.more(100)
    assert traffic.members[0].visits > 6
    assert not await traffic.broken()


async def test_valkey_dies(cluster: Cluster) -> None:
    traffic = Traffic(cluster)
    async with traffic.flowing():
        await traffic.more(200)
        strike(cluster.valkey())
        await traffic.more(400)
    assert not await traffic.broken()
    assert not any(member.refusals for member in traffic.members)


async def test_postgres_dies(cluster: Cluster) -> None:
    traffic = Traffic(cluster)
    async with traffic.flowing():
        for _ in range(3):  # each time in the middle of other answers
            await traffic.more(150)
            strike(cluster.postgres())
        await traffic.more(200)
    assert not await traffic.broken()


async def test_valkey_forgets_and_drops_everything(cluster: Cluster) -> None:
    traffic = Traffic(cluster)
    redis = aioredis.from_url(cluster.redis_url)
    async with traffic.flowing():
        for _ in range(2):
            await traffic.more(200)
            assert await redis.flushall()
            await traffic.more(100)
            assert await redis.client_kill_filter(_type="pubsub") == 2
    await redis.aclose()
    assert not await traffic.broken()
    assert not any(member.refusals for member in traffic.members)


async def test_all_nodes_restart_one_after_another(cluster: Cluster) -> None:
    traffic = Traffic(cluster)
    async with traffic.flowing():
        for number, leaving in enumerate(cluster.nodes):
            await traffic.more(200)
            told = [member for member in traffic.members if member.node == number]
            before = [len(member.goodbyes) for member in told]
            assert await leaving.end(signal.SIGTERM, seconds=5) == 0
            await traffic.until(partial(traffic.all_on, 1 - number))
            assert [len(member.goodbyes) - 1 for member in told] == before
            assert all(member.goodbyes[-1]["retry_after"] > 0 for member in told)
            await leaving.start()
        await traffic.more(200)
    assert not await traffic.broken()
