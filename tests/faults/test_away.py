"""A service that was stopped and stays away for a while."""

from __future__ import annotations

import signal
from statistics import median

import pytest

from tests.faults.harness import Cluster
from tests.faults.pace import NEAR_SECONDS, hurt
from tests.faults.server import LONG
from tests.faults.traffic import PAUSE_SECONDS, Traffic

pytestmark = pytest.mark.asyncio(loop_scope="module")

VALKEY = [(5, PAUSE_SECONDS), *([(60, 0.25)] if LONG else [])]
"""For how long, and how often somebody says something meanwhile."""
POSTGRES_SECONDS = 10.0
REFUSED_SECONDS = 3.0
"""Within these everybody has been refused twice, a second apart."""


@pytest.mark.timeout(120)
@pytest.mark.parametrize(("seconds", "pause"), VALKEY)
async def test_valkey_stays_away(cluster: Cluster, seconds: float, pause: float) -> None:
    """Rooms go on as fast as before on each node, and between nodes by the sweep."""
    traffic = Traffic(cluster, pause=pause)
    async with traffic.flowing():
        before = await traffic.for_a_while(2)
        async with cluster.without(cluster.valkey(), signal.SIGTERM):
            during = await traffic.for_a_while(seconds)
        await traffic.for_a_while(1.5)
        after = await traffic.for_a_while(1)
    assert not await traffic.broken()
    assert not hurt(before, during, traffic.members)
    assert median(after.far(traffic.members)) < NEAR_SECONDS / 4  # hints are there again
    assert not any(member.refusals for member in traffic.members)


async def test_postgres_stays_away(cluster: Cluster) -> None:
    """A send is refused at once, with the time to wait; the retry with the same key succeeds."""
    traffic = Traffic(cluster)
    async with traffic.flowing():
        await traffic.more(200)
        async with cluster.without(cluster.postgres(), signal.SIGINT):
            await traffic.for_a_while(REFUSED_SECONDS)
            assert all(len(member.refusals) > 1 for member in traffic.members)
            said = len(traffic.spoken)
            during = await traffic.for_a_while(POSTGRES_SECONDS - REFUSED_SECONDS)
            assert not during.spoken
            assert all(m.node is not None for m in traffic.members)  # nobody was thrown out
        traffic.whole()
        await traffic.until(lambda: len(traffic.spoken) >= said + len(traffic.members), 2.5)
        await traffic.more(200)
    refusals = [refusal for member in traffic.members for refusal in member.refusals]
    assert {refusal["code"] for refusal in refusals} == {"unavailable"}
    assert all(0 < refusal["retry_after"] <= 5 for refusal in refusals)
    assert not await traffic.broken()
