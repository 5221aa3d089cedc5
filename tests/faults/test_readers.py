"""Clients that stop reading: what the server keeps for them is bounded, and nothing is lost."""

from __future__ import annotations

from tests.faults.harness import Cluster
from tests.faults.traffic import WHISPER, Traffic

KEPT_MEGABYTES = 10.0
"""What a node may have more for all who do not read; the queue of each may hold 1.6 MB."""
PAGES_MEGABYTES = 35.0
"""What it may keep when they are back: five of them read pages of 3 MB at once."""
LONG_TEXT = f"{WHISPER} {'🗣' * 3900}"
SETTINGS = {"CHATSERVER_SEND_QUEUE": "100", "CHATSERVER_CONNECTIONS_PER_PERSON": "40"}
SLEEPERS = 10


async def test_clients_that_stop_reading(still: Cluster) -> None:
    await still.start(settings=SETTINGS)
    traffic = Traffic(still, talkers=2, pause=0.01, text=LONG_TEXT, growth=PAGES_MEGABYTES)
    async with traffic.flowing():
        await traffic.more(50)
        sleepers = traffic.more_devices(SLEEPERS)
        await traffic.until(lambda: all(device.node is not None for device in sleepers))
        before = still.memory()
        for device in sleepers:
            device.doze()
        cut, highest = 0.0, before
        while cut < SLEEPERS:
            await traffic.more(20)
            cut = sum([await node.figure("chat_slow_readers_total") for node in still.nodes])
            highest = [max(pair) for pair in zip(highest, still.memory(), strict=True)]
        for device in sleepers:
            device.wake()
        await traffic.until(lambda: all(d.visits == 2 and d.node is not None for d in sleepers))
        traffic.whole()
        await traffic.more(50)
    growth = [most - least for most, least in zip(highest, before, strict=True)]
    assert max(growth) < KEPT_MEGABYTES, growth
    assert not await traffic.broken()
