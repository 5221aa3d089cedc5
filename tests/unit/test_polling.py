"""A body is read whole, however it arrives."""

import asyncio

import pytest
from aiohttp import StreamReader
from aiohttp.base_protocol import BaseProtocol
from engineio.exceptions import EngineIOError

from chatserver.socket.polling import WholeBody, well_formed


def stream() -> StreamReader:
    loop = asyncio.get_running_loop()
    protocol = BaseProtocol(loop)
    protocol.connection_made(asyncio.Transport())
    return StreamReader(protocol, 2**16, loop=loop)


async def test_a_packet_in_two_pieces_is_one_packet() -> None:
    content = stream()
    content.feed_data(b"40{")
    reading = asyncio.create_task(WholeBody(content).read(5))
    await asyncio.sleep(0)
    assert not reading.done()
    content.feed_data(b"}3")
    assert await reading == b"40{}3"


async def test_what_a_client_that_broke_off_had_sent_is_all_there_is() -> None:
    content = stream()
    content.feed_data(b"40")
    content.feed_eof()
    assert await WholeBody(content).read(5) == b"40"


@pytest.mark.parametrize("body", [b"", b"40", b"3\x1e42[]\x1ebAAA", b"1", "4\u00e9".encode()])
async def test_packets_of_clients_are_well_formed(body: bytes) -> None:
    assert well_formed(body)


@pytest.mark.parametrize(
    "body", [b"x", b"4\x1e", b"\x1e", b"2", b"0{}", b"6", b"8", b"\xff", b"4\xff", b"\xc2\xb2"]
)
async def test_all_else_ends_the_session(body: bytes) -> None:
    assert not well_formed(body)
    content = stream()
    content.feed_data(body)
    with pytest.raises(EngineIOError):
        await WholeBody(content).read(len(body))
