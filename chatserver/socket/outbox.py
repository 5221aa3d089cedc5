"""What waits to be written to one WebSocket, gathered during one turn of the loop."""

import asyncio
import os
import sys

from engineio.async_socket import AsyncSocket
from engineio.packet import MESSAGE
from engineio.packet import Packet as EnginePacket

from chatserver.protocol.common import Wire
from chatserver.turn import Turn

from .frames import text_frame
from .packet import encode_event

FULL_BYTES = 64 * 1024
"""With so much in the transport's buffer nothing more is added: the rest stays here, where all
that wait for the same frames share them."""


class Packet:
    """A Socket.IO packet, encoded once for any number of connections."""

    __slots__ = ("_body", "frame")

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.frame = text_frame(b"4" + body)

    @classmethod
    def event(cls, name: str, body: Wire) -> "Packet":
        """The packet of an event."""
        return cls(encode_event(name, body))

    def put(self, socket: AsyncSocket) -> None:
        """Send it on a connection."""
        queue = socket.queue
        if isinstance(queue, Outbox):
            queue.write(self.frame)
        else:
            queue.put_nowait(EnginePacket(MESSAGE, data=self._body.decode()))


class Outbox:
    """Stands where engineio puts the packets of a connection, and writes them by itself.

    `put`, `put_nowait`, `empty` and `join` are the names by which engineio knows a queue.
    """

    __slots__ = ("_chunks", "_descriptor", "_frames", "_full", "_gone", "_transport", "_turn")

    def __init__(self, transport: asyncio.Transport, turn: Turn) -> None:
        self._transport, self._turn = transport, turn
        self._chunks: list[bytes] = []
        self._frames = 0
        self._full = self._gone = False
        self._descriptor = _descriptor_of(transport)
        transport.set_write_buffer_limits(high=FULL_BYTES)

    @property
    def unread(self) -> int:
        """How many frames wait because the client has not read those before."""
        return self._frames if self._full else 0

    def empty(self) -> bool:
        """Whether the system has taken everything."""
        return not self._chunks and not self._transport.get_write_buffer_size()

    async def put(self, packet: EnginePacket) -> None:
        """Send a packet."""
        self.put_nowait(packet)

    def put_nowait(self, packet: EnginePacket) -> None:
        """Send a packet."""
        self.write(text_frame(packet.encode().encode()))

    async def join(self) -> None:
        """Write what waits, as far as the system takes it."""
        self.flush()

    def write(self, frame: bytes) -> None:
        """Send a whole frame when this turn is over."""
        self.offer(frame, 1, sys.maxsize)

    def offer(self, chunk: bytes, frames: int, limit: int) -> bool:
        """Send whole frames when this turn is over, unless so many wait for a client that does not
        read; whether it was done, or there is nobody left to send to."""
        chunks = self._chunks
        if not chunks and not self._full:
            if self._gone:
                return True
            self._turn.write(self)
        elif self._full and self._frames >= limit:
            return False
        chunks.append(chunk)
        self._frames += frames
        return True

    def flush(self) -> None:
        """Hand over what waits, unless the client has not read what it got before.

        It goes straight to the socket where nothing waits before it: a transport takes longer to
        look whether it may than the system takes to do it. What does not fit is the transport's.
        """
        chunks = self._chunks
        if not chunks or self._full:
            return
        data = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        chunks.clear()
        self._frames = 0
        if self._transport.is_closing():  # a frame may be cut in its middle already
            return
        if self._descriptor is not None and not self._transport.get_write_buffer_size():
            try:
                sent = os.write(self._descriptor, data)
            except OSError:  # it is full, or gone: the transport finds out which
                sent = 0
            if sent == len(data):
                return
            data = data[sent:]
        self._transport.write(data)

    def pause(self) -> None:
        """The client does not read."""
        self._full = True

    def resume(self) -> None:
        """The client reads again."""
        self._full = False
        self.flush()

    def close(self, frame: bytes) -> None:
        """Write what waits and a last frame, then let the connection go."""
        self._full = False
        self.write(frame)
        self.flush()
        self._gone = True
        self._transport.close()

    def clear(self) -> None:
        """The connection is gone: from now on its descriptor may be somebody else's."""
        self._gone, self._full, self._descriptor = True, False, None
        self._chunks, self._frames = [], 0


def _descriptor_of(transport: asyncio.Transport) -> int | None:
    """The system's number of the socket; None where something stands between, as TLS does."""
    if transport.get_extra_info("sslcontext") is not None:
        return None
    number: int = transport.get_extra_info("socket").fileno()
    return number


def unread(socket: AsyncSocket) -> int:
    """How many packets wait for a client that does not read: polling ones ask for all at once."""
    queue: Outbox | asyncio.Queue[EnginePacket] = socket.queue
    return queue.unread if isinstance(queue, Outbox) else queue.qsize()
