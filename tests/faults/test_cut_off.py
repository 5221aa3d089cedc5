"""One node that has lost Valkey, while the others have not."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from urllib.parse import unquote, urlsplit

from tests.faults.harness import Cluster
from tests.faults.pace import NEAR_SECONDS, hurt
from tests.faults.relay import Relay
from tests.faults.traffic import Traffic

APART_SECONDS = 2.5


async def test_a_node_is_cut_off_from_valkey(still: Cluster) -> None:
    """First its connection breaks off, later it stays and carries nothing."""
    await still.start_services()
    relay = Relay(Path(unquote(urlsplit(still.redis_url).path)))
    async with relay.open():
        await still.start_nodes({"REDIS_URL": relay.url}, {})
        traffic = Traffic(still)
        async with traffic.flowing():
            before = await traffic.for_a_while(1.5)
            async with relay.cut():
                cut = await traffic.for_a_while(APART_SECONDS)
            await traffic.for_a_while(1.5)
            between = await traffic.for_a_while(1)
            with relay.silent():
                silent = await traffic.for_a_while(APART_SECONDS)
            await traffic.more(100)
        assert not await traffic.broken()
        assert not hurt(before, cut, traffic.members)
        assert not hurt(before, silent, traffic.members)
        assert median(between.far(traffic.members)) < NEAR_SECONDS / 4
        assert not any(member.refusals for member in traffic.members)
        assert [node.log.read_text().count('"bus.lost"') for node in still.nodes] == [1, 0]
        await still.stop()
