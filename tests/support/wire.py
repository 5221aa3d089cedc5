"""A WebSocket spoken byte by byte, so that it can also be spoken wrongly (RFC 6455)."""

import asyncio
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from struct import pack, unpack

from .world import DEADLINE

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
FINAL, RESERVED = 0x80, (0x40, 0x20, 0x10)


def frame(payload: bytes = b"", *, head: int = FINAL | TEXT, masked: bool = True) -> bytes:
    """One frame as a client sends it; `head` is its first byte."""
    size = len(payload)
    bit = 0x80 if masked else 0
    if size < 126:
        start = pack("!BB", head, bit | size)
    elif size < 1 << 16:
        start = pack("!BBH", head, bit | 126, size)
    else:
        start = pack("!BBQ", head, bit | 127, size)
    if not masked:
        return start + payload
    mask = os.urandom(4)
    body = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
    return start + mask + body


@dataclass(frozen=True)
class Wire:
    """One connection after its handshake."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, *frames: bytes) -> None:
        """Send bytes as they are, all at once."""
        self.writer.write(b"".join(frames))
        await self.writer.drain()

    async def read(self) -> tuple[int, bytes]:
        """The next frame: its first byte and its payload. Raises IncompleteReadError at the end."""
        async with asyncio.timeout(DEADLINE):
            head, size = await self.reader.readexactly(2)
            assert size < 0x80, "a server does not mask"
            if size == 126:
                (size,) = unpack("!H", await self.reader.readexactly(2))
            elif size == 127:
                (size,) = unpack("!Q", await self.reader.readexactly(8))
            return head, await self.reader.readexactly(size)

    async def closed(self) -> int:
        """The code with which the server ends it; nothing comes after that but a reset, if it had
        not read all."""
        head, payload = await self.read()
        while head != FINAL | CLOSE:
            head, payload = await self.read()
        async with asyncio.timeout(DEADLINE):
            with suppress(ConnectionResetError):
                assert await self.reader.read() == b""
        code: int = unpack("!H", payload[:2])[0]
        return code


@asynccontextmanager
async def wire(
    url: str, *early: bytes, context: ssl.SSLContext | None = None
) -> AsyncIterator[Wire]:
    """Open a WebSocket by hand; `early` is sent with the request, before its answer."""
    host = url.partition("//")[2]
    reader, writer = await asyncio.open_connection(*host.split(":"), ssl=context)
    head = (
        f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {host}\r\n"
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    connection = Wire(reader, writer)
    try:
        await connection.send(head.encode(), *early)
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 101 ")
        assert b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in answer
        assert b"permessage-deflate" not in answer
        opened = await connection.read()
        assert opened[1].startswith(b'0{"sid"')
        yield connection
    finally:
        writer.close()
