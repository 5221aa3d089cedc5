"""Services and nodes that are there and do not answer for a while."""

from __future__ import annotations

import asyncio
import signal
from functools import partial

import pytest

from tests.faults.harness import Cluster
from tests.faults.member import ANSWER_SECONDS
from tests.faults.pace import hurt
from tests.faults.server import LONG, frozen
from tests.faults.traffic import Traffic
from tests.integration.embedded.processes import services_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

STANDSTILL_SECONDS = 2.5


async def test_valkey_stands_still_and_only_one_node_talks(cluster: Cluster) -> None:
    """So nothing but the sweep tells the other node that there is something."""
    traffic = Traffic(cluster, talking_on=0)
    async with traffic.flowing():
        before = await traffic.for_a_while(1)
        with frozen(cluster.valkey()):
            during = await traffic.for_a_while(STANDSTILL_SECONDS)
        await traffic.more(200)
    assert not await traffic.broken()
    assert not hurt(before, during, traffic.members)
    assert not any(member.refusals for member in traffic.members)


async def test_somebody_comes_while_valkey_stands_still(cluster: Cluster) -> None:
    traffic = Traffic(cluster)
    async with traffic.flowing():
        await traffic.more(200)
        with frozen(cluster.valkey()):
            during = traffic.more_devices(2)
            await traffic.until(lambda: all(device.node is not None for device in during), 3)
            await traffic.more(200)
        await traffic.more(200)
    assert not await traffic.broken()


async def test_postgres_stands_still(cluster: Cluster) -> None:
    traffic = Traffic(cluster)
    async with traffic.flowing():
        await traffic.more(200)
        with frozen(*services_of(cluster.data_dir)):
            await traffic.for_a_while(2)
        traffic.whole()
        await traffic.more(300)
    assert not await traffic.broken()


@pytest.mark.parametrize("seconds", [5, *([20] if LONG else [])])
async def test_a_node_stands_still(cluster: Cluster, seconds: float) -> None:
    """Some of its clients lose patience and go to the other node; the rest are told all there is
    as soon as it goes on. Whatever was asked of it meanwhile, it does now, and nothing twice."""
    traffic = Traffic(cluster, patience=seconds + ANSWER_SECONDS)
    staying, leaving = traffic.at_home(0)[::2], traffic.at_home(0)[1::2]
    async with traffic.flowing():
        await traffic.more(200)
        with frozen(cluster.nodes[0].pid):
            await traffic.for_a_while(seconds / 2)
            await asyncio.gather(*(member.drop() for member in leaving))
            await traffic.for_a_while(seconds / 2)
            assert all(member.node == 1 for member in leaving)
        traffic.whole()
        await traffic.more(300)
    assert all(member.visits == 1 for member in staying)
    assert not await traffic.broken()


async def test_a_node_stops_while_nothing_answers(cluster: Cluster) -> None:
    """What it could not store was not acknowledged, and is said again elsewhere."""
    traffic = Traffic(cluster)
    async with traffic.flowing():
        await traffic.more(100)
        with frozen(*services_of(cluster.data_dir, cluster.database_url)):
            await traffic.for_a_while(0.5)
            assert await cluster.nodes[0].end(signal.SIGTERM, seconds=8) == 0
        await traffic.until(partial(traffic.all_on, 1))
        await traffic.more(200)
    # asyncpg complains of the connection that is taken from it in the middle of its tidying up.
    assert not await traffic.broken(complaints=False)
