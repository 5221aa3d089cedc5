"""Engine.IO v4: from polling to a WebSocket, as the protocol's own suite has it, and beyond."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.support.poller import SOON, Poller, answers, event, polling
from tests.support.world import World


@pytest.fixture
async def poller(world: World) -> AsyncIterator[Poller]:
    """A session over polling."""
    async with polling(await world.node()) as poller:
        yield poller


async def test_a_session_goes_over_to_a_websocket(poller: Poller) -> None:
    async with poller.http.ws_connect(poller.websocket_url) as ws:
        await ws.send_str("2probe")
        assert await ws.receive_str() == "3probe"
        assert await poller.get() == (200, ["6"])
        await ws.send_str("5")
        await ws.send_str(event(1))
        assert answers(await ws.receive_str(), 1)


async def test_what_waits_for_a_poll_goes_over_too(poller: Poller) -> None:
    async with poller.http.ws_connect(poller.websocket_url) as ws:
        await ws.send_str("2probe")
        assert await ws.receive_str() == "3probe"
        assert await poller.post(event(1), event(2)) == 200
        await ws.send_str("5")
        got = [await ws.receive_str() for _ in range(2)]
        assert [answers(p, n) for n, p in enumerate(got, 1)] == [True, True]


async def test_a_poll_that_waits_is_ended_by_the_probe(poller: Poller) -> None:
    polled = asyncio.create_task(poller.get())
    async with asyncio.timeout(SOON), poller.http.ws_connect(poller.websocket_url) as ws:
        await ws.send_str("2probe")
        assert await ws.receive_str() == "3probe"
        assert await polled == (200, ["6"])


async def test_once_gone_over_a_session_polls_no_more(poller: Poller) -> None:
    async with poller.http.ws_connect(poller.websocket_url) as ws:
        await ws.send_str("2probe")
        assert await ws.receive_str() == "3probe"
        await ws.send_str("5")
        await ws.send_str(event(1))
        assert answers(await ws.receive_str(), 1)
        assert (await poller.get())[0] == 400
        assert await poller.post(event(2)) == 400
        await ws.send_str(event(3))
        assert answers(await ws.receive_str(), 3)


async def test_once_gone_over_a_session_has_one_websocket(poller: Poller) -> None:
    url = poller.websocket_url
    async with poller.http.ws_connect(url) as ws, poller.http.ws_connect(url) as late:
        for one in (ws, late):
            await one.send_str("2probe")
            assert await one.receive_str() == "3probe"
        await ws.send_str("5")
        await ws.send_str(event(1))
        assert answers(await ws.receive_str(), 1)
        await late.send_str("5")
        assert (await late.receive()).type is aiohttp.WSMsgType.CLOSE
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await poller.http.ws_connect(url)
        await ws.send_str(event(2))
        assert answers(await ws.receive_str(), 2)


@pytest.mark.parametrize("said", ["2", "3probe", "2else", "abc", "5", event(1)])
async def test_who_does_not_probe_is_let_go_and_polls_on(poller: Poller, said: str) -> None:
    async with poller.http.ws_connect(poller.websocket_url) as ws:
        await ws.send_str(said)
        assert (await ws.receive()).type is aiohttp.WSMsgType.CLOSE
    assert await poller.post(event(2)) == 200
    got: list[str] = []
    async with asyncio.timeout(SOON):
        while not any(answers(packet, 2) for packet in got):
            got = (await poller.get())[1]


async def test_a_probe_for_a_session_that_has_ended_is_let_go(poller: Poller) -> None:
    async with poller.http.ws_connect(poller.websocket_url) as ws:
        await ws.send_str("2probe")
        assert await ws.receive_str() == "3probe"
        assert await poller.post("1") == 200
        await ws.send_str("5")
        assert (await ws.receive()).type is aiohttp.WSMsgType.CLOSE
