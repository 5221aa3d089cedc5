"""What the official clients see when a connection breaks, ends, or is slow to answer."""

from collections.abc import AsyncIterator

import pytest
import socketio

from tests.support.javascript import JavaScript
from tests.support.lone import Lone, lone_gateway
from tests.support.world import World, until

TRANSPORTS = [["websocket"], ["polling", "websocket"], ["polling"]]


@pytest.fixture
async def lone() -> AsyncIterator[Lone]:
    """A gateway that serves."""
    async with lone_gateway() as lone:
        yield lone


async def _settled(javascript: JavaScript, lone: Lone, *, upgraded: bool) -> None:
    """Wait until it has connected, and gone over to its last transport."""
    told = await javascript.read()
    assert told["recovered"] is False
    await until(lambda: [s.upgraded for s in lone.gateway.eio.sockets.values()] == [upgraded])


async def _echoes(javascript: JavaScript, body: str) -> None:
    javascript.write(name="echo", body=body, wait=5000)
    assert await javascript.read() == {"answer": body}


@pytest.mark.parametrize("transports", TRANSPORTS[:2])
async def test_javascript_comes_back_by_itself_when_the_connection_breaks(
    lone: Lone, javascript: JavaScript, transports: list[str]
) -> None:
    """Connection state recovery is not offered: the client learns so (`recovered`), and asks for
    what it missed by the last `seq` that it has, from PostgreSQL."""
    javascript.write(do="stay", url=lone.url, transports=transports)
    await _settled(javascript, lone, upgraded=True)
    for body in ("first", "second"):
        await _echoes(javascript, body)
        lone.abort()
        assert await javascript.read() == {"lost": "transport close", "active": True}
        await _settled(javascript, lone, upgraded=True)
    await _echoes(javascript, "third")
    javascript.write()


@pytest.mark.parametrize("transports", TRANSPORTS)
async def test_javascript_comes_back_when_its_session_was_ended(
    lone: Lone, javascript: JavaScript, transports: list[str]
) -> None:
    """As the server does when it stops. Who polls may learn it by the word or by a refused poll."""
    upgraded = "websocket" in transports
    javascript.write(do="stay", url=lone.url, transports=transports)
    await _settled(javascript, lone, upgraded=upgraded)
    await lone.end()
    lost = await javascript.read()
    assert lost["active"]
    assert lost["lost"] in (
        {"transport close"} if upgraded else {"transport close", "transport error"}
    )
    await _settled(javascript, lone, upgraded=upgraded)
    await _echoes(javascript, "back")
    javascript.write()


async def test_javascript_stays_away_when_it_was_signed_out(
    world: World, javascript: JavaScript
) -> None:
    node, sol = await world.node(), await world.person("sol")
    javascript.write(do="stay", url=node.settings.url, token=sol.token)
    assert await javascript.read() == {"connected": "websocket", "recovered": False}
    (connection,) = node.connections
    await connection.close()
    assert await javascript.read() == {"lost": "io server disconnect", "active": False}
    javascript.write()


@pytest.mark.parametrize("transports", TRANSPORTS)
async def test_an_answer_that_takes_too_long(
    lone: Lone, javascript: JavaScript, transports: list[str]
) -> None:
    """The client stops waiting; an answer that comes after all is passed over, others are not."""
    javascript.write(do="stay", url=lone.url, transports=transports)
    await _settled(javascript, lone, upgraded="websocket" in transports)
    if "websocket" in transports:  # over polling everything is answered in turn
        javascript.write(name="held", body="x", wait=50)
        assert await javascript.read() == {"late": "operation has timed out"}
        lone.echo.release()
    for body in ({"a": [1, "é", None]}, "x", 5):
        javascript.write(name="echo", body=body, wait=5000)
        assert await javascript.read() == {"answer": body}
    javascript.write()


async def test_python_comes_back_by_itself_when_the_connection_breaks(lone: Lone) -> None:
    client = socketio.AsyncClient(reconnection_delay=0.01, randomization_factor=0)
    seen: list[str] = []
    client.on("connect", lambda: seen.append("connect"))
    client.on("disconnect", seen.append)
    await client.connect(lone.url, transports=["websocket"])
    try:
        lone.abort()
        await until(lambda: len(seen) == 3)
        assert seen == ["connect", client.reason.TRANSPORT_ERROR, "connect"]
        assert await client.call("echo", "back", timeout=5) == "back"
    finally:
        await client.disconnect()


async def test_an_answer_that_takes_too_long_in_python(lone: Lone) -> None:
    client = socketio.AsyncClient(reconnection=False)
    await client.connect(lone.url, transports=["websocket"])
    try:
        with pytest.raises(socketio.exceptions.TimeoutError):
            await client.call("held", "x", timeout=0.05)
        lone.echo.release()
        assert await client.call("echo", "y", timeout=5) == "y"
    finally:
        await client.disconnect()
