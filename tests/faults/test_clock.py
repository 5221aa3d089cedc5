"""A node whose clock jumps: the order of a room is its `seq`, and no clock has a say in it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from tests.faults.harness import Cluster
from tests.faults.traffic import Traffic
from tests.integration.embedded.processes import ROOT, query

CLOCKED = (sys.executable, str(Path(__file__).with_name("clocked.py")))
SPREAD = "SELECT extract(epoch FROM max(at) - min(at))::float FROM messages"
ON, BACK = signal.SIGUSR1, signal.SIGUSR2


async def test_a_clock_jumps_back_and_forth(still: Cluster) -> None:
    """By an hour each time; whoever is at home on the other node changes nodes whenever it has
    jumped, and so signs in an hour late and an hour early."""
    await still.start_services()
    settings = {"PYTHONPATH": str(ROOT)}
    await still.start_nodes(settings, settings, program=CLOCKED)
    traffic = Traffic(still)
    async with traffic.flowing():
        await traffic.more(100)
        for jump in (ON, BACK, BACK, ON):
            os.kill(still.nodes[0].pid, jump)
            await asyncio.gather(*(member.drop() for member in traffic.at_home(1)))
            await traffic.more(100)
    assert not await traffic.broken()
    assert not any(member.refusals for member in traffic.members)
    assert 7190 < await query(still.database_url, SPREAD) < 7210
