"""Engine.IO v4: who is still there? As the protocol's own test suite has it; time is moved by hand.

The gateway is alone here: there is nothing about people in it. python-engineio itself asks those
who poll, by its own clock, so for them the time between is made short.
"""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from chatserver.socket.gateway import PING_SECONDS, PONG_SECONDS, SIGN_IN_SECONDS
from tests.support.lone import Lone, lone_gateway
from tests.support.poller import SOON, polling
from tests.support.raw import Raw, raw, socket_url
from tests.support.world import until


@pytest.fixture
async def lone() -> AsyncIterator[Lone]:
    """A gateway that serves."""
    async with lone_gateway() as lone:
        yield lone


async def _says(client: Raw, packet: str) -> bool:
    """Whether this is the next that a client hears, an echo being asked for after it."""
    await client.frame(b'4299["e",1]')
    text = await client.ws.receive_str()
    if text == packet:
        assert await client.ws.receive_str() == "4399[1]"
    return text == packet


async def test_a_websocket_is_asked_and_lives_as_long_as_it_answers(lone: Lone) -> None:
    now = asyncio.get_running_loop().time()
    async with raw(lone.url) as client:
        await client.connect()
        await lone.gateway.beat(now)
        assert not await _says(client, "2"), "not yet"
        for _ in range(4):
            now += PING_SECONDS + 1
            await lone.gateway.beat(now)
            assert await client.ws.receive_str() == "2"
            await client.frame(b"3")
            assert not await _says(client, "2"), "the pong was taken"
        await lone.gateway.beat(now + PONG_SECONDS + 1)
        assert await client.ask("echo", '{"lives":1}') == {"lives": 1}


async def test_a_websocket_that_does_not_answer_is_cut_off(lone: Lone) -> None:
    now = asyncio.get_running_loop().time()
    async with raw(lone.url) as client:
        await client.connect()
        await lone.gateway.beat(now + PING_SECONDS + 1)
        assert await client.ws.receive_str() == "2"
        await lone.gateway.beat(now + PING_SECONDS + PONG_SECONDS)
        assert not await _says(client, "2"), "there is time left"
        await lone.gateway.beat(now + PING_SECONDS + PONG_SECONDS + 2)
        assert await client.closed() == aiohttp.WSCloseCode.ABNORMAL_CLOSURE
        await until(lambda: not lone.gateway.eio.sockets)


async def test_whoever_sends_but_answers_no_ping_is_cut_off_too(lone: Lone) -> None:
    now = asyncio.get_running_loop().time()
    async with raw(lone.url) as client:
        await client.connect()
        await lone.gateway.beat(now + PING_SECONDS + 1)
        assert await client.ws.receive_str() == "2"
        await client.frame(b'421["e",1]')
        assert await client.ws.receive_str() == "431[1]"
        await lone.gateway.beat(now + PING_SECONDS + PONG_SECONDS + 2)
        assert await client.closed() == aiohttp.WSCloseCode.ABNORMAL_CLOSURE


async def test_who_polls_is_asked_and_lives_as_long_as_it_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("chatserver.socket.gateway.PING_SECONDS", 0.05)
    async with lone_gateway() as lone, polling(lone.url) as poller, asyncio.timeout(SOON):
        for _ in range(3):
            assert await poller.get() == (200, ["2"])
            assert await poller.post("3") == 200


async def test_who_polls_and_does_not_answer_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatserver.socket.gateway.PING_SECONDS", 0.05)
    monkeypatch.setattr("chatserver.socket.gateway.PONG_SECONDS", 0.05)
    monkeypatch.setattr("chatserver.socket.gateway.SWEEP_SECONDS", 0.0)
    async with lone_gateway() as lone, polling(lone.url) as poller, asyncio.timeout(SOON):
        assert await poller.get() == (200, ["2"])
        while lone.gateway.eio.sockets:
            await lone.gateway.beat()
            await asyncio.sleep(0.01)
        assert (await poller.get())[0] == 400


async def test_who_never_signs_in_is_let_go(lone: Lone) -> None:
    now = asyncio.get_running_loop().time()
    async with raw(lone.url) as stranger, raw(lone.url) as guest, polling(lone.url) as poller:
        await guest.connect()
        await lone.gateway.beat(now + SIGN_IN_SECONDS - 1)
        assert len(lone.gateway.eio.sockets) == 3
        for client in (stranger, guest):
            await client.frame(b"3")
            assert await client.ask("echo", '{"lives":1}') == {"lives": 1}
        polled = asyncio.create_task(poller.get())
        async with aiohttp.ClientSession() as http, http.get(socket_url(lone.url, "polling")):
            pass
        await lone.gateway.beat(now + SIGN_IN_SECONDS + 1)
        assert await stranger.closed() == aiohttp.WSCloseCode.POLICY_VIOLATION
        async with asyncio.timeout(SOON):
            assert await polled == (200, ["2", "1"]) or polled.result() == (200, ["1"])
            assert (await poller.get())[0] == 400
        assert await guest.ask("echo", '{"lives":1}') == {"lives": 1}
