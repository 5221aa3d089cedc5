"""What waits to be written to one WebSocket, gathered during one turn of the loop."""

import asyncio

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


class Packet(EnginePacket):  # type: ignore[misc]  # engineio carries no types
    """A Socket.IO packet, encoded once for any number of connections."""

    def __init__(self, text: str) -> None:
        super().__init__(MESSAGE, data=text)
        self.frame = text_frame(b"4" + text.encode())

    @classmethod
    def event(cls, name: str, body: Wire) -> "Packet":
        """The packet of an event."""
        return cls(encode_event(name, body))


class Outbox:
    """Stands where engineio puts the packets of a connection, and writes them by itself.

    `put`, `put_nowait`, `empty` and `join` are the names by which engineio knows a queue.
    """

    __slots__ = ("_chunks", "_frames", "_full", "_transport", "_turn")

    def __init__(self, transport: asyncio.WriteTransport, turn: Turn) -> None:
        self._transport, self._turn = transport, turn
        self._chunks: list[bytes] = []
        self._frames = 0
        self._full = False
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
        known = isinstance(packet, Packet)
        self.write(packet.frame if known else text_frame(packet.encode().encode()))

    async def join(self) -> None:
        """Write what waits, as far as the transport takes it."""
        self.flush()

    def write(self, chunk: bytes, frames: int = 1) -> None:
        """Send one or more whole frames when this turn is over."""
        if not self._chunks and not self._full:
            self._turn.write(self.flush)
        self._chunks.append(chunk)
        self._frames += frames

    def flush(self) -> None:
        """Hand over what waits, unless the client has not read what it got before."""
        chunks = self._chunks
        if not chunks or self._full:
            return
        self._chunks, self._frames = [], 0
        if not self._transport.is_closing():
            self._transport.write(chunks[0] if len(chunks) == 1 else b"".join(chunks))

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
        self._transport.close()

    def clear(self) -> None:
        """The connection is gone."""
        self._full = False
        self._chunks, self._frames = [], 0


def unread(socket: AsyncSocket) -> int:
    """How many packets wait for a client that does not read: polling ones ask for all at once."""
    queue: Outbox | asyncio.Queue[EnginePacket] = socket.queue
    return queue.unread if isinstance(queue, Outbox) else queue.qsize()
