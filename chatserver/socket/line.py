"""One client's WebSocket without tasks or queues between it and the loop.

aiohttp shakes hands and then lets go of the connection; its reader still takes frames apart. From
there on a message goes straight to the gateway, and what is told goes through an `Outbox` straight
to the transport. python-engineio keeps what it is good at: the handshake, polling, and the life of
a connection.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from aiohttp import WebSocketError, WSCloseCode, WSMsgType
from aiohttp._websocket.reader import WebSocketDataQueue
from aiohttp.http_websocket import WebSocketReader
from engineio.async_socket import AsyncSocket
from engineio.packet import NOOP
from engineio.packet import Packet as EnginePacket

from chatserver.logs import get_log
from chatserver.turn import Turn

from .frames import close_frame, pong_frame, text_frame
from .outbox import Outbox

INBOX = 64
"""Messages of one client that may wait for their turn; then nothing more is read from it."""
PING, PONG, CLOSE, UPGRADE = "2", "3", "1", "5"
PROBE, PROBED = "2probe", b"3probe"
_IGNORED = frozenset({PING, UPGRADE, "6"})
_CLOSE_ANSWERS = {0: WSCloseCode.OK, 1006: WSCloseCode.PROTOCOL_ERROR}
"""A close is answered with its own code, unless it had none or one that nobody may send."""


class Receiver(Protocol):
    """What a line gives its packets to."""

    turn: Turn

    def take_at_once(self, line: "Line", packet: str) -> bool:
        """Take a Socket.IO packet without waiting for anything; False: it needs waiting."""

    def take(self, line: "Line", packet: str) -> Awaitable[None]:
        """Take a Socket.IO packet."""

    def gone(self, line: "Line") -> Awaitable[None]:
        """The connection has ended, and all that it said was taken."""


class Line(WebSocketDataQueue, asyncio.Protocol):
    """What the loop calls with bytes, and aiohttp's reader with the frames in them.

    Packets are taken one after the other, all that came before the end among them.
    """

    __slots__ = (
        "_calm",
        "_inbox",
        "_paused",
        "_reader",
        "_receiver",
        "_sending",
        "_text",
        "_worker",
        "asked_at",
        "engine",
        "outbox",
        "transport",
    )

    # WebSocketDataQueue's own fields are for reading by turns, which nobody does here. Where
    # aiohttp runs without its C code, its reader looks at these two.
    _size = _limit = 0

    def __init__(
        self,
        transport: asyncio.Transport,
        engine: AsyncSocket,
        receiver: Receiver,
        packet_bytes: int,
    ) -> None:
        self.transport, self.engine, self._receiver = transport, engine, receiver
        self.outbox = Outbox(transport, receiver.turn)
        self.asked_at: float | None = None
        self._reader: Any = WebSocketReader(self, packet_bytes, compress=False, decode_text=True)
        self._inbox: deque[str] | None = None
        self._worker: asyncio.Task[None] | None = None
        self._sending = 0
        self._calm: asyncio.Future[None] | None = None
        self._paused = False
        self._text: Callable[[str], None] = self._open
        if engine.connected:
            engine.upgrading = True
            self._text = self._probe
        else:
            engine.connected = True
            self._begin()

    # What the loop calls.

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        self._reader.feed_data(data)

    def pause_writing(self) -> None:
        """The client does not read."""
        self.outbox.pause()

    def resume_writing(self) -> None:
        """The client reads again."""
        self.outbox.resume()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self.outbox.clear()
        self._reader = None
        if self.engine.upgrading:
            self.engine.upgrading = False
        if self._text == self._open:
            self._receive("")

    # What aiohttp's reader calls.

    def feed_data(self, data: Any, size: int) -> None:
        """A whole frame or message came."""
        kind = data[0]
        if kind is WSMsgType.TEXT:
            self._text(data[1])
        elif kind is WSMsgType.PING:
            self.outbox.write(pong_frame(bytes(data[1])))
        elif kind is WSMsgType.CLOSE:
            self.end(_CLOSE_ANSWERS.get(data[1], data[1]))

    def set_exception(self, exc: BaseException, *_: Any) -> None:
        """What came is no WebSocket."""
        self.end(exc.code if isinstance(exc, WebSocketError) else WSCloseCode.PROTOCOL_ERROR)

    # What the gateway calls.

    def end(self, code: int) -> None:
        """Close in order, after what was told before."""
        if not self.transport.is_closing():
            self.outbox.close(close_frame(code))

    def sending(self) -> None:
        """A packet was taken at once, and its answer is to come."""
        self._sending += 1

    def answered(self) -> None:
        """That answer has come."""
        self._sending -= 1
        if not self._sending and self._calm is not None:
            self._calm.set_result(None)
            self._calm = None

    def _begin(self) -> None:
        """From now on everything for this client goes out here."""
        engine = self.engine
        engine.upgraded, engine.upgrading, engine.last_ping = True, False, None
        before, engine.queue = engine.queue, self.outbox
        while not before.empty():
            packet = before.get_nowait()
            if packet.packet_type != NOOP:  # that was for a poll
                self.outbox.put_nowait(packet)

    def _probe(self, text: str) -> None:
        """The client wants to leave polling for this, and asks whether it is heard."""
        if text != PROBE:
            return self.end(WSCloseCode.PROTOCOL_ERROR)
        self.outbox.write(text_frame(PROBED))
        self.engine.queue.put_nowait(EnginePacket(NOOP))  # ends the poll that may be waiting
        self._text = self._upgrade

    def _upgrade(self, text: str) -> None:
        if text != UPGRADE or self.engine.upgraded or self.engine.closed:
            return self.end(WSCloseCode.PROTOCOL_ERROR)
        self._begin()
        self._text = self._open

    def _open(self, text: str) -> None:
        if text[:1] == "4":
            # One that cannot be Socket.IO's is passed over.
            if text[1:2].isdecimal():
                self._receive(text[1:])
        elif text == PONG:
            self.asked_at = self.engine.last_ping = None
        elif text not in _IGNORED:
            self.end(WSCloseCode.OK if text == CLOSE else WSCloseCode.PROTOCOL_ERROR)

    def _receive(self, packet: str) -> None:
        """Take a packet now if that can be done and nothing is before it; else in its turn."""
        if self._worker is None:
            if self._taken_at_once(packet):
                return
            self._inbox = deque()
            self._worker = asyncio.create_task(self._work(self._inbox))
        if self._inbox is not None:
            self._inbox.append(packet)
            if len(self._inbox) >= INBOX and not self._paused and not self.transport.is_closing():
                self._paused = True
                self.transport.pause_reading()

    async def _work(self, inbox: deque[str]) -> None:
        while inbox:
            packet = inbox.popleft()
            if self._paused and len(inbox) < INBOX // 2:
                self._paused = False
                self.transport.resume_reading()
            try:
                if self._taken_at_once(packet):
                    continue
                await self._answers()
                await (self._receiver.take(self, packet) if packet else self._receiver.gone(self))
            except Exception as error:  # noqa: BLE001 - the next packet is to be taken all the same
                get_log().error("packet.failed", exc_info=error)
        self._inbox = self._worker = None

    def _taken_at_once(self, packet: str) -> bool:
        within = bool(packet) and self._sending < INBOX
        return within and self._receiver.take_at_once(self, packet)

    async def _answers(self) -> None:
        """Until what was taken at once has its answers."""
        if self._sending:
            self._calm = asyncio.get_running_loop().create_future()
            await self._calm
