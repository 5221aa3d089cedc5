"""RFC 6455 below Engine.IO: frames, right and wrong, against the gateway alone."""

import asyncio
from collections.abc import AsyncIterator
from struct import pack

import pytest

from tests.support.lone import PACKET_BYTES, Lone, lone_gateway
from tests.support.wire import (
    BINARY,
    CLOSE,
    CONTINUATION,
    FINAL,
    PING,
    PONG,
    RESERVED,
    TEXT,
    Wire,
    frame,
    wire,
)
from tests.support.world import until

SAYS = b'421["echo",{"a":"\xc3\xa9"}]'
HEARS = (FINAL | TEXT, b'431[{"a":"\xc3\xa9"}]')


@pytest.fixture
async def lone() -> AsyncIterator[Lone]:
    """A gateway that serves."""
    async with lone_gateway() as lone:
        yield lone


@pytest.fixture
async def client(lone: Lone) -> AsyncIterator[Wire]:
    """A connection to it."""
    async with wire(lone.url) as client:
        yield client


async def test_a_message_in_one_frame(client: Wire) -> None:
    await client.send(frame(SAYS))
    assert await client.read() == HEARS


async def test_a_message_byte_by_byte(client: Wire) -> None:
    for byte in frame(SAYS):
        await client.send(bytes([byte]))
        await asyncio.sleep(0)
    assert await client.read() == HEARS


async def test_a_message_in_fragments_with_a_ping_between_them(client: Wire) -> None:
    cut = SAYS.index(b"\xa9")  # within a letter
    await client.send(
        frame(SAYS[:cut], head=TEXT),
        frame(b"", head=CONTINUATION),
        frame(b"there?", head=FINAL | PING),
        frame(SAYS[cut:-1], head=CONTINUATION),
        frame(SAYS[-1:], head=FINAL | CONTINUATION),
    )
    assert await client.read() == (FINAL | PONG, b"there?")
    assert await client.read() == HEARS


async def test_many_messages_at_once_keep_their_order(client: Wire) -> None:
    """Some are answered at once and some in their turn."""
    names = [b"hot" if n % 3 else b"cold" for n in range(300)]
    await client.send(frame(b"40"))
    assert (await client.read())[1].startswith(b"40")
    await client.send(*(frame(b'42%d["%b",%d]' % (n, name, n)) for n, name in enumerate(names)))
    for n in range(300):
        assert await client.read() == (FINAL | TEXT, b"43%d[%d]" % (n, n))


@pytest.mark.parametrize("size", [100, 126, 65_535, 65_536, PACKET_BYTES - 20])
async def test_every_form_of_length_both_ways(client: Wire, size: int) -> None:
    text = b'"%b"' % (b"x" * (size - 12))
    await client.send(frame(b'421["echo",%b]' % text))
    assert await client.read() == (FINAL | TEXT, b"431[%b]" % text)


@pytest.mark.parametrize("payload", [b"", b"x", b"\x00\xff" * 62 + b"x"])
async def test_a_ping_is_answered_with_its_payload(client: Wire, payload: bytes) -> None:
    await client.send(frame(payload, head=FINAL | PING))
    assert await client.read() == (FINAL | PONG, payload)


async def test_a_pong_and_a_binary_message_are_passed_over(client: Wire) -> None:
    await client.send(frame(b"x", head=FINAL | PONG), frame(b"x", head=FINAL | BINARY), frame(SAYS))
    assert await client.read() == HEARS


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"", 1000),
        (pack("!H", 1000), 1000),
        (pack("!H", 1001) + b"bye", 1001),
        (pack("!H", 3000), 3000),
        (pack("!H", 4999) + "é".encode(), 4999),
        (b"x", 1002),
        (pack("!H", 999), 1002),
        (pack("!H", 1005), 1002),
        (pack("!H", 1006), 1002),
        (pack("!H", 1000) + b"\xff", 1007),
    ],
)
async def test_a_close_is_answered(lone: Lone, client: Wire, payload: bytes, code: int) -> None:
    """With the code that came, or with what is wrong about it."""
    await client.send(frame(payload, head=FINAL | CLOSE))
    assert await client.closed() == code
    await until(lambda: not lone.gateway.eio.sockets)


async def test_nothing_is_taken_after_a_close(client: Wire) -> None:
    await client.send(frame(pack("!H", 1000), head=FINAL | CLOSE), frame(SAYS))
    assert await client.read() == (FINAL | CLOSE, pack("!H", 1000))
    assert await client.reader.read() == b""


async def test_what_came_before_a_close_is_answered_before_it(client: Wire) -> None:
    await client.send(frame(b"40"))
    assert (await client.read())[1].startswith(b"40")
    await client.send(frame(b'427["hot",1]'), frame(b"", head=FINAL | CLOSE))
    assert await client.read() == (FINAL | TEXT, b"437[1]")
    assert await client.closed() == 1000


WRONG = {
    "reserved bit 1": (frame(SAYS, head=FINAL | TEXT | RESERVED[0]), 1002),
    "reserved bit 2": (frame(SAYS, head=FINAL | TEXT | RESERVED[1]), 1002),
    "reserved bit 3": (frame(SAYS, head=FINAL | TEXT | RESERVED[2]), 1002),
    "unknown data": (frame(SAYS, head=FINAL | 0x3), 1002),
    "unknown control": (frame(b"", head=FINAL | 0xB), 1002),
    "continues nothing": (frame(SAYS, head=FINAL | CONTINUATION), 1002),
    "begins within": (frame(b"4", head=TEXT) + frame(SAYS), 1002),
    "ping in pieces": (frame(b"", head=PING), 1002),
    "ping too long": (frame(b"x" * 126, head=FINAL | PING), 1002),
    "not UTF-8": (frame(b"4\xc3\x28"), 1007),
    "surrogate": (frame(b"4\xed\xa0\x80"), 1007),
    "too large": (frame(b"4" * (PACKET_BYTES + 1)), 1009),
    "too large in all": (
        frame(b"4" * (PACKET_BYTES // 2), head=TEXT)
        + frame(b"x" * PACKET_BYTES, head=FINAL | CONTINUATION),
        1009,
    ),
    "says it is huge": (pack("!BBQ", FINAL | TEXT, 0x80 | 127, 1 << 62), 1009),
}


@pytest.mark.parametrize(("data", "code"), WRONG.values(), ids=WRONG)
async def test_what_is_no_websocket_is_ended_with_a_code(
    lone: Lone, client: Wire, data: bytes, code: int
) -> None:
    await client.send(data)
    assert await client.closed() == code
    await until(lambda: not lone.gateway.eio.sockets)


async def test_a_frame_that_is_not_masked_is_taken(client: Wire) -> None:
    """RFC 6455 wants it refused (5.1); aiohttp's reader does not look. A mask keeps a page in a
    browser from fooling proxies, and browsers always mask: who does not harms nobody here."""
    await client.send(frame(SAYS, masked=False))
    assert await client.read() == HEARS


async def test_what_comes_before_the_handshake_s_answer_is_taken(lone: Lone) -> None:
    async with wire(lone.url, frame(SAYS)) as client:
        assert await client.read() == HEARS


async def test_much_that_comes_before_the_handshake_s_answer_is_taken(lone: Lone) -> None:
    """More than aiohttp keeps without pausing the transport."""
    early = [frame(b'4%d["echo","%b"]' % (20 + n, b"x" * 50_000)) for n in range(5)]
    async with wire(lone.url, *early) as client:
        for n in range(5):
            assert (await client.read())[1].startswith(b'43%d["x' % n)
        await client.send(frame(SAYS))
        assert await client.read() == HEARS


async def test_a_client_that_vanishes_leaves_nothing_behind(lone: Lone) -> None:
    async with wire(lone.url) as client:
        await client.send(frame(SAYS)[:5])
        client.writer.transport.abort()
        await until(lambda: not lone.gateway.eio.sockets)
    assert not lone.gateway.environ
