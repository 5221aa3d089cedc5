"""Services that are there and do not answer, or stay away for a while, while members talk."""

from __future__ import annotations

import asyncio
import signal
from functools import partial
from statistics import median

import pytest

from tests.faults.harness import Cluster
from tests.faults.member import Member, Spoken
from tests.faults.server import frozen
from tests.faults.traffic import Traffic
from tests.integration.embedded.processes import services_of, strike

pytestmark = pytest.mark.asyncio(loop_scope="module")

STANDSTILL_SECONDS = 3.0
ACROSS_SECONDS = 2.0
"""The sweep looks once a second, and then reads."""
NEAR_SECONDS = 1.0
"""For one message of hundreds on a busy machine; the usual one takes some hundredths."""
USUAL_SECONDS = 0.15


def delays(spoken: list[Spoken], members: list[Member]) -> list[float]:
    """From saying to hearing, for every message and member."""
    return [member.arrived[said.what.id] - said.began for said in spoken for member in members]


async def for_a_while(traffic: Traffic, seconds: float) -> list[Spoken]:
    """What is said within this time."""
    loop, first = asyncio.get_running_loop(), len(traffic.spoken)
    deadline = loop.time() + seconds
    await traffic.until(lambda: loop.time() >= deadline, seconds + 1)
    return traffic.spoken[first:]


async def test_valkey_stands_still_and_only_one_node_talks(cluster: Cluster) -> None:
    """So nothing but the sweep tells the other node that there is something."""
    traffic = Traffic(cluster, talking_on=0)
    async with traffic.flowing():
        before = await for_a_while(traffic, 1)
        with frozen(cluster.valkey()):
            during = await for_a_while(traffic, STANDSTILL_SECONDS)
        await traffic.more(200)
    near, far = traffic.at_home(0), traffic.at_home(1)
    assert not await traffic.broken()
    assert len(during) > len(before) * STANDSTILL_SECONDS / 2
    assert median(delays(during, near)) < USUAL_SECONDS
    assert max(delays(during, near)) < NEAR_SECONDS
    assert max(delays(during, far)) < ACROSS_SECONDS
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
            await for_a_while(traffic, 2)
        await traffic.more(300)
    assert not await traffic.broken()


async def test_postgres_stays_away(cluster: Cluster) -> None:
    """A send is refused at once, with the time to wait; the retry with the same key succeeds."""
    assert cluster.owner is not None
    traffic = Traffic(cluster)
    async with traffic.flowing():
        await traffic.more(200)
        with frozen(cluster.owner.process.pid):  # or it would start PostgreSQL again
            strike(cluster.postgres())
            await traffic.until(lambda: all(len(m.refusals) > 1 for m in traffic.members), 10)
            assert all(m.node is not None for m in traffic.members)  # nobody was thrown out
            said = len(traffic.spoken)
        await traffic.more(300)
        assert len(traffic.spoken) > said
    refusals = [refusal for member in traffic.members for refusal in member.refusals]
    assert {refusal["code"] for refusal in refusals} == {"unavailable"}
    assert all(0 < refusal["retry_after"] <= 5 for refusal in refusals)
    assert not await traffic.broken()


async def test_a_node_stops_while_nothing_answers(cluster: Cluster) -> None:
    """What it could not store was not acknowledged, and is said again elsewhere."""
    traffic = Traffic(cluster)
    async with traffic.flowing():
        await traffic.more(100)
        with frozen(*services_of(cluster.data_dir, cluster.database_url)):
            await for_a_while(traffic, 0.5)
            assert await cluster.nodes[0].end(signal.SIGTERM, seconds=8) == 0
        await traffic.until(partial(traffic.all_on, 1))
        await traffic.more(200)
    # asyncpg complains of the connection that is taken from it in the middle of its tidying up.
    assert not await traffic.broken(complaints=False)
