"""Engine.IO v4, case by case as the protocol's own test suite has it.

https://github.com/socketio/socket.io/tree/main/docs/engine.io-protocol. Its server gives back what
it is sent; ours acknowledges events, so each message here is an event with a number. Upgrades and
heartbeats have files of their own.
"""

import asyncio
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest

from chatserver.node import Node
from tests.support.poller import SOON, Poller, answers, event, polling
from tests.support.raw import raw, socket_url
from tests.support.world import World


@pytest.fixture
async def node(world: World) -> Node:
    """A server."""
    return await world.node()


@pytest.fixture
async def poller(node: Node) -> AsyncIterator[Poller]:
    """A session over polling."""
    async with polling(node) as poller:
        yield poller


def check_opened(opened: dict[str, object], node: Node, upgrades: list[str]) -> None:
    """What the server says of itself at first."""
    sid = opened.pop("sid")
    assert isinstance(sid, str)
    assert sid
    assert opened == {
        "upgrades": upgrades,
        "pingInterval": 25_000,
        "pingTimeout": 20_000,
        "maxPayload": node.settings.packet_bytes,
    }


# Handshake


async def test_polling_opens_a_session(node: Node, poller: Poller) -> None:
    check_opened(poller.opened, node, ["websocket"])


async def test_a_websocket_opens_a_session(node: Node) -> None:
    async with aiohttp.ClientSession() as http, http.ws_connect(socket_url(node)) as ws:
        text = await ws.receive_str()
        assert text[0] == "0"
        check_opened(json.loads(text[1:]), node, [])


@pytest.mark.parametrize("query", ["transport={}", "EIO=abc&transport={}", "EIO=3&transport={}"])
async def test_another_version_is_refused(node: Node, query: str) -> None:
    url = f"{node.settings.url}/socket.io/?"
    async with aiohttp.ClientSession() as http:
        async with http.get(url + query.format("polling")) as answer:
            assert answer.status == 400
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect(url + query.format("websocket"))
        assert refused.value.status == 400


async def test_another_transport_is_refused(node: Node) -> None:
    url = f"{node.settings.url}/socket.io/?EIO=4"
    async with aiohttp.ClientSession() as http:
        async with http.get(f"{url}&transport=abc") as answer:
            assert answer.status == 400
        # python-engineio takes a client that names no transport for one that polls: harmless.
        async with http.get(url) as answer:
            assert answer.status == 200
        for query in ("", "&transport=abc"):
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await http.ws_connect(url + query + "&sid=nobody")
        async with http.get(f"{url}&transport=websocket") as answer:
            assert answer.status == 400, "no Upgrade header"


async def test_another_method_is_refused(node: Node) -> None:
    async with aiohttp.ClientSession() as http:
        for method, status in (("POST", 400), ("PUT", 405), ("DELETE", 405)):
            async with http.request(method, socket_url(node, "polling")) as answer:
                assert answer.status == status, method


# Messages


async def test_one_message_over_polling(poller: Poller) -> None:
    assert await poller.post(event(1)) == 200
    status, (packet,) = await poller.get()
    assert status == 200
    assert answers(packet, 1)


@pytest.mark.parametrize("count", [3, 60])
async def test_several_messages_in_one_body(poller: Poller, count: int) -> None:
    """JavaScript's client puts as many into one as there are; engineio takes 16 by itself."""
    posting = asyncio.create_task(poller.post(*(event(n) for n in range(count))))
    got: list[str] = []
    while len(got) < count:
        status, packets = await poller.get()
        assert status == 200
        got += packets
    assert await posting == 200
    assert all(answers(packet, n) for n, packet in enumerate(got))


async def test_text_and_binary_in_one_body(poller: Poller) -> None:
    """Only text is served (docs/adr/0003): a binary message is passed over, the text is taken."""
    assert await poller.post(event(1), "bAQIDBA==", event(2)) == 200
    status, packets = await poller.get()
    assert status == 200
    assert [answers(p, n) for n, p in enumerate(packets, 1)] == [True, True]


@pytest.mark.parametrize(
    "body", [b"abc", b"4\x1e", b"\x1e4", b"0{}", b"2", b"7", b"9", b"\xff\xff", b"4" * 200_000]
)
async def test_a_body_that_is_no_packets_ends_the_session(poller: Poller, body: bytes) -> None:
    async with asyncio.timeout(SOON):
        assert await poller.post_body(body) == 400
        assert (await poller.get())[0] == 400


async def test_a_second_poll_ends_the_session(node: Node, poller: Poller) -> None:
    async with asyncio.timeout(SOON):
        polls = [asyncio.create_task(poller.get()) for _ in range(2)]
        done = sorted(await asyncio.gather(*polls))
        assert done[0] == (200, ["1"])
        assert done[1][0] == 400
        assert (await poller.get())[0] == 400


async def test_a_poll_that_is_broken_off_ends_the_session(poller: Poller) -> None:
    polled = asyncio.create_task(poller.get())
    async with polling(poller.base) as other:
        assert await other.post(event(1)) == 200
        await other.get()
    polled.cancel()
    async with asyncio.timeout(SOON):
        assert (await poller.get())[0] == 400


async def test_what_a_broken_poll_was_given_ends_the_session(poller: Poller) -> None:
    """Nobody knows whether it was read. The client begins anew, and asks for what it missed."""
    polled = asyncio.create_task(poller.get())
    async with polling(poller.base) as other:
        polled.cancel()
        assert await other.post(event(1)) == 200
    assert await poller.post(event(1)) == 200
    async with asyncio.timeout(SOON):
        while await poller.post() == 200:
            pass
        assert (await poller.get())[0] == 400


async def test_a_message_over_a_websocket(node: Node) -> None:
    async with raw(node) as client:
        assert (await client.ask("person:me"))["error"]["code"] == "unauthenticated"


async def test_a_binary_message_over_a_websocket(node: Node) -> None:
    """Only text is served (docs/adr/0003): it is passed over."""
    async with raw(node) as client:
        await client.send(b"\x01\x02\x03\x04")
        assert (await client.ask("person:me"))["error"]["code"] == "unauthenticated"


async def test_what_is_no_packet_ends_a_websocket(node: Node) -> None:
    async with raw(node) as client:
        await client.frame(b"abc")
        assert await client.closed() == aiohttp.WSCloseCode.PROTOCOL_ERROR


# Close


async def test_a_client_ends_its_session_over_polling(poller: Poller) -> None:
    async with asyncio.timeout(SOON):
        polled = asyncio.create_task(poller.get())
        async with polling(poller.base):
            pass
        assert await poller.post("1") == 200
        assert await polled == (200, ["6"])
        assert (await poller.get())[0] == 400


async def test_a_client_ends_its_session_over_a_websocket(node: Node) -> None:
    async with raw(node) as client:
        await client.frame(b"1")
        assert await client.closed() == aiohttp.WSCloseCode.OK
