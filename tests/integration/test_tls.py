"""The gateway behind TLS: the loop's transport is another one, and all goes as before."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from struct import pack

import aiohttp
import pytest
import socketio

from tests.support.certificate import Certificate, make_certificate
from tests.support.javascript import JavaScript
from tests.support.lone import Lone, lone_gateway
from tests.support.raw import raw
from tests.support.wire import CLOSE, FINAL, PING, PONG, TEXT, frame, wire
from tests.support.world import until

TRANSPORTS = [["websocket"], ["polling", "websocket"], ["polling"]]


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    """What the server shows and the clients trust."""
    return make_certificate(tmp_path)


@pytest.fixture
async def lone(certificate: Certificate) -> AsyncIterator[Lone]:
    """A gateway that serves over TLS."""
    async with lone_gateway(certificate.server) as lone:
        yield lone


@pytest.mark.parametrize("transports", TRANSPORTS)
async def test_javascript(
    lone: Lone, certificate: Certificate, javascript: JavaScript, transports: list[str]
) -> None:
    javascript.write(do="stay", url=lone.url, transports=transports, ca=certificate.pem)
    assert not (await javascript.read())["recovered"]
    upgraded = "websocket" in transports
    await until(lambda: [s.upgraded for s in lone.gateway.eio.sockets.values()] == [upgraded])
    for body in ("x", "y" * 50_000):
        javascript.write(name="echo", body=body, wait=5000)
        assert await javascript.read() == {"answer": body}
    javascript.write()


@pytest.mark.parametrize("transports", TRANSPORTS)
async def test_python(lone: Lone, certificate: Certificate, transports: list[str]) -> None:
    connector = aiohttp.TCPConnector(ssl=certificate.client)
    async with aiohttp.ClientSession(connector=connector) as http:
        client = socketio.AsyncClient(http_session=http, reconnection=False)
        await client.connect(lone.url, transports=transports)
        try:
            assert await client.call("echo", "x" * 50_000, timeout=5) == "x" * 50_000
            assert client.transport() == transports[-1]
        finally:
            await client.disconnect()


async def test_frames_and_a_close(lone: Lone, certificate: Certificate) -> None:
    early = frame(b'421["echo","early"]')
    async with wire(lone.url, early, context=certificate.client) as client:
        assert await client.read() == (FINAL | TEXT, b'431["early"]')
        await client.send(frame(b"there?", head=FINAL | PING))
        assert await client.read() == (FINAL | PONG, b"there?")
        await client.send(frame(pack("!H", 3001), head=FINAL | CLOSE))
        assert await client.closed() == 3001
    await until(lambda: not lone.gateway.eio.sockets)


async def test_much_that_comes_before_the_handshake_s_answer(
    lone: Lone, certificate: Certificate
) -> None:
    early = [frame(b'4%d["echo","%b"]' % (20 + n, b"x" * 50_000)) for n in range(5)]
    async with wire(lone.url, *early, context=certificate.client) as client:
        for n in range(5):
            assert (await client.read())[1].startswith(b'43%d["x' % n)


async def test_who_does_not_read_is_waited_for(lone: Lone, certificate: Certificate) -> None:
    """The transport tells when it is full and when it is not any more, as one without TLS does."""
    payload = json.dumps("x" * 90_000)
    async with raw(lone.url, narrow=True, ssl=certificate.client) as client:
        numbers = [await client.event("echo", payload) for _ in range(100)]
        (engine,) = lone.gateway.eio.sockets.values()
        await until(lambda: engine.queue.unread > 0)
        for number in numbers:
            assert len(await client.ack(number)) == 90_000
        assert engine.queue.unread == 0


async def test_who_breaks_off_leaves_nothing_behind(lone: Lone, certificate: Certificate) -> None:
    async with wire(lone.url, context=certificate.client) as client:
        client.writer.transport.abort()
        await until(lambda: not lone.gateway.eio.sockets)


async def test_a_client_is_cut_off(lone: Lone, certificate: Certificate) -> None:
    async with raw(lone.url, ssl=certificate.client) as client:
        await client.connect()
        lone.abort()
        assert await client.closed() == aiohttp.WSCloseCode.ABNORMAL_CLOSURE
        await until(lambda: not lone.gateway.eio.sockets)
