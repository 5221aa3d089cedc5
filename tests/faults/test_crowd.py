"""Many clients at once."""

from __future__ import annotations

import asyncio

from tests.faults.harness import Cluster
from tests.faults.pace import Stretch
from tests.faults.traffic import Traffic

CROWD = 500
SETTINGS = {"CHATSERVER_CONNECTIONS_PER_PERSON": "100"}
BACK_SECONDS = 15.0
"""For all of them; the official clients take most of it, and all run in this process."""
BUSY_SECONDS = 4.0
"""For a message between those who stayed, while the crowd keeps this process busy."""


async def test_a_crowd_vanishes_and_returns_at_once(still: Cluster) -> None:
    """Whoever stayed keeps their connection, and nobody is refused."""
    await still.start(settings=SETTINGS)
    traffic = Traffic(still, talkers=2, pause=0.5)
    stayed = traffic.members
    async with traffic.flowing():
        crowd = traffic.more_devices(CROWD)
        await traffic.until(lambda: all(device.node is not None for device in crowd), BACK_SECONDS)
        await traffic.more(4)
        await asyncio.gather(*(device.drop() for device in crowd))
        await traffic.until(
            lambda: all(device.node is not None and device.visits == 2 for device in crowd),
            BACK_SECONDS,
        )
        traffic.whole()
        await traffic.more(4)
        figures = [await node.figure("chat_connections") for node in still.nodes]
    assert sum(figures) == CROWD + len(stayed)
    assert all(member.visits == 1 for member in stayed)
    assert max(Stretch(traffic.spoken, 1).near(stayed)) < BUSY_SECONDS
    assert not any(member.refusals for member in traffic.members)
    assert not await traffic.broken()
