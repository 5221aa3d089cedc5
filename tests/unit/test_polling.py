"""A body is read whole, however it arrives."""

import asyncio

from aiohttp import StreamReader
from aiohttp.base_protocol import BaseProtocol

from chatserver.socket.polling import WholeBody


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
    content.feed_data(b"}\x1e")
    assert await reading == b"40{}\x1e"


async def test_what_a_client_that_broke_off_had_sent_is_all_there_is() -> None:
    content = stream()
    content.feed_data(b"40")
    content.feed_eof()
    assert await WholeBody(content).read(5) == b"40"
