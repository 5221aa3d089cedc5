"""What waits to be written to one WebSocket, gathered during one turn of the loop.

A turn in which twenty messages of a room are published costs each follower one system call, not
twenty. Nobody waits for it: what gathered is written before the loop looks at sockets again.
"""

import asyncio

from engineio.packet import MESSAGE
from engineio.packet import Packet as EnginePacket

from chatserver.protocol.common import Wire

from .frames import text_frame
from .packet import encode_event

FULL_BYTES = 64 * 1024
"""With so much still in the transport's buffer, nothing more is added: it stays here, where all
that wait for the same frame share it."""
STALLED_SECONDS = 0.02
"""How soon a socket whose buffer was full is tried again."""
MANY = 128
"""So many frames are written at once, before the turn is over."""


class Packet(EnginePacket):  # type: ignore[misc]  # engineio carries no types
    """A Socket.IO packet, encoded once for any number of connections."""

    def __init__(self, text: str) -> None:
        super().__init__(MESSAGE, data=text)
        self.frame = text_frame(b"4" + text.encode())

    @classmethod
    def event(cls, name: str, body: Wire) -> "Packet":
        """The packet of an event."""
        return cls(encode_event(name, body))


class Turn:
    """The outboxes that have something to write when this turn of the loop is over."""

    def __init__(self) -> None:
        self._ready: list[Outbox] = []

    def add(self, outbox: "Outbox") -> None:
        """Write what it holds when the turn is over."""
        if not self._ready:
            asyncio.get_running_loop().call_soon(self._over)
        self._ready.append(outbox)

    def _over(self) -> None:
        ready, self._ready = self._ready, []
        for outbox in ready:
            outbox.flush()


class Outbox:
    """Stands where engineio puts the packets of a connection, and writes them by itself.

    `put`, `put_nowait`, `qsize`, `empty` and `join` are the names by which engineio knows a queue.
    """

    __slots__ = ("_frames", "_stalled", "_transport", "_turn")

    def __init__(self, transport: asyncio.WriteTransport, turn: Turn) -> None:
        self._transport, self._turn = transport, turn
        self._frames: list[bytes] = []
        self._stalled = False

    def qsize(self) -> int:
        """How many frames wait."""
        return len(self._frames)

    def empty(self) -> bool:
        """Whether the system has taken everything."""
        return not self._frames and not self._transport.get_write_buffer_size()

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

    def write(self, frame: bytes) -> None:
        """Send a frame when this turn is over."""
        frames = self._frames
        if not frames:
            self._turn.add(self)
        frames.append(frame)
        if len(frames) >= MANY and not self._stalled:
            self.flush()

    def flush(self) -> None:
        """Hand over what waits, unless the other side has not read what it got before."""
        self._stalled = False
        if self._transport.is_closing():
            self._frames.clear()
        elif self._transport.get_write_buffer_size() > FULL_BYTES:
            self._stalled = True
            asyncio.get_running_loop().call_later(STALLED_SECONDS, self.flush)
        elif self._frames:
            frames, self._frames = self._frames, []
            self._transport.write(b"".join(frames))

    def close(self, frame: bytes) -> None:
        """Write what waits and a last frame, then let the connection go."""
        if not self._transport.is_closing():
            self._transport.write(b"".join((*self._frames, frame)))
        self._frames.clear()
        self._transport.close()
