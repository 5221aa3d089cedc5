"""Below routes and events: bodies in pieces, broken encodings, foreign pages, other paths."""

import asyncio
import json
import socket
from contextlib import ExitStack

import aiohttp
import pytest

from chatserver.node import Node
from tests.support.hostile import check_headers
from tests.support.raw import lives, raw, socket_url
from tests.support.world import World, until

WORDS = "some plain words together"
SIGN_IN = json.dumps({"handle": "robin", "password": WORDS}).encode()


async def _post(node: Node, *parts: bytes, size: int | None = None, more: str = "") -> bytes:
    """Sign in by hand, the body in pieces, with the server's turn between them."""
    reader, writer = await asyncio.open_connection("127.0.0.1", node.settings.port)
    length = sum(map(len, parts)) if size is None else size
    head = f"POST /api/session HTTP/1.1\r\nHost: {node.settings.url[7:]}\r\nConnection: close\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {length}\r\n{more}\r\n"
    for part in (head.encode(), *parts):
        writer.write(part)
        await writer.drain()
        async with raw(node):
            pass
    if size is not None:
        writer.write_eof()
    answer = await reader.read()
    writer.close()
    return answer


async def test_a_body_may_come_in_pieces(world: World) -> None:
    await world.person("robin", password=WORDS)
    node = await world.node()
    answer = await _post(node, SIGN_IN[:1], SIGN_IN[1:20], SIGN_IN[20:])
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b'"token":' in answer


async def test_a_body_that_breaks_off_does_nothing(world: World) -> None:
    await world.person("robin", password=WORDS)
    node = await world.node()
    before = await world.snapshot()
    answer = await _post(node, SIGN_IN, size=5000)
    assert b'"token":' not in answer
    assert await world.snapshot() == before


async def test_a_body_that_never_ends_is_not_waited_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatserver.http.app.REQUEST_SECONDS", 0.1)
    node = await world.node()
    before = await world.snapshot()
    reader, writer = await asyncio.open_connection("127.0.0.1", node.settings.port)
    head = "POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    writer.write(f"{head}Content-Length: 90\r\n\r\n".encode() + b"{")
    assert (await reader.readline()).startswith(b"HTTP/1.1 503 ")
    writer.close()
    assert await world.snapshot() == before


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
async def test_a_body_that_does_not_unpack_is_a_bad_request(world: World, coding: str) -> None:
    node = await world.node()
    answer = await _post(node, SIGN_IN, more=f"Content-Encoding: {coding}\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b'"invalid_request"' in answer


LONG = b"a" * 9000


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/9.9\r\n\r\n",
        b"BLA / HTTP/1.1\r\n\r\n",
        b"GET /\x01 HTTP/1.1\r\n\r\n",
        b"\x16\x03",
        b"GET /" + LONG + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nA: " + LONG + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nA\x00: b\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    ],
)
async def test_what_is_not_http_is_refused_and_the_server_goes_on(
    world: World, head: bytes
) -> None:
    sol = await world.person("sol")
    node = await world.node()
    reader, writer = await asyncio.open_connection("127.0.0.1", node.settings.port)
    writer.write(head + b"\r\n")
    assert b" 400 " in (await reader.readline())
    writer.close()
    async with raw(node, sol):
        pass
    await until(lambda: len(node.connections) == 0)


async def test_what_is_no_api_is_a_plain_page_with_the_same_headers(world: World) -> None:
    node, http = await world.node(), await world.http()
    for method, path, status in (
        ("GET", "/", 200), ("GET", "/rooms/anything", 200), ("GET", "/nothing.js", 404),
        ("GET", "/../../etc/passwd.txt", 404), ("POST", "/", 405), ("DELETE", "/rooms", 405),
        ("GET", "/socket.io/", 400), ("GET", "/socket.io/?EIO=3&transport=polling", 400),
        ("GET", "/socket.io/?EIO=4&transport=smoke", 400), ("PUT", "/socket.io/", 405),
        ("POST", "/socket.io/?EIO=4&transport=polling&sid=nobody", 400),
    ):  # fmt: skip
        async with http.request(method, node.settings.url + path) as answer:
            assert answer.status == status, (method, path)
            check_headers(answer.headers)
            assert "Traceback" not in await answer.text()


async def test_figures_are_for_this_machine_or_the_holder_of_the_token(world: World) -> None:
    near, http = await world.node(), await world.http()
    async with http.get(f"{near.settings.url}/metrics") as answer:
        assert answer.status == 200
        check_headers(answer.headers)
    headers = {"X-Forwarded-For": "127.0.0.1"}
    async with http.get(f"{near.settings.url}/metrics", headers=headers) as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (403, "not_allowed")
    far = await world.node(metrics_token="figures")
    for token, status in (("figures", 200), ("", 403), ("Figures", 403), ("\xff\ud800", 403)):
        header = {"Authorization": f"Bearer {token}".encode("utf-8", "replace").decode("latin-1")}
        async with http.get(f"{far.settings.url}/metrics", headers=header) as answer:
            assert answer.status == status, token


async def test_polling_is_held_to_the_same_rules(world: World) -> None:
    sol = await world.person("sol")
    node, http = await world.node(), await world.http()
    url = socket_url(node, "polling")
    async with http.get(url) as answer:
        check_headers(answer.headers)
        sid = json.loads((await answer.text())[1:])["sid"]
    before = await world.snapshot()
    for body in (b"", b"4" * 5000, b"4[" * 2000, b"\x1e".join([b"42[]"] * 30)):
        async with http.post(f"{url}&sid={sid}", data=body) as answer:
            assert answer.status == 200, body[:20]
    auth = json.dumps({"token": sol.token})
    async with http.post(f"{url}&sid={sid}", data=f'40{auth}\x1e425["person:me",{{}}]') as answer:
        assert answer.status == 200
    async with http.get(f"{url}&sid={sid}") as answer:
        assert '435[{"ok":true' in await answer.text()
    assert await world.snapshot() == before


async def test_frames_are_not_compressed(world: World) -> None:
    sol = await world.person("sol")
    async with raw(await world.node(), sol, compress=15) as client:
        assert client.ws.compress == 0
        await lives(client, sol)


@pytest.mark.parametrize(
    "origin", ["https://elsewhere.example", "null", "http://[", "http://127.0.0.1", "file://", "%"]
)
async def test_pages_from_elsewhere_cannot_open_a_socket(world: World, origin: str) -> None:
    node = await world.node()
    headers = {"Origin": origin}
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with raw(node, headers=headers):
            pass
    assert refused.value.status == 400
    http = await world.http()
    async with http.get(socket_url(node, "polling"), headers=headers) as answer:
        assert answer.status == 400
        assert "Access-Control-Allow-Origin" not in answer.headers


async def test_own_pages_and_tools_can_open_a_socket(world: World) -> None:
    sol = await world.person("sol")
    friend = "https://friend.example"
    node = await world.node(allowed_origins=[friend])
    for headers in ({}, {"Origin": node.settings.url}, {"Origin": friend}):
        async with raw(node, sol, headers=headers) as client:
            await lives(client, sol)


async def test_a_crowd_may_stand_at_the_door(world: World) -> None:
    sol = await world.person("sol")
    node = await world.node()
    address = ("127.0.0.1", node.settings.port)
    with ExitStack() as crowd:
        for _ in range(400):  # the server has no turn meanwhile: they wait at the socket
            crowd.enter_context(socket.create_connection(address, timeout=0.5))
        async with raw(node, sol) as client:
            await lives(client, sol)
