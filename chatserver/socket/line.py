"""One client's WebSocket without tasks or queues between it and the loop.

aiohttp shakes hands and its reader takes frames apart; from there on a message goes straight to
the gateway, and what is told goes through an `Outbox` straight to the transport. python-engineio
keeps what it is good at: the handshake, polling, and the life of a connection.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import WebSocketError, WSCloseCode, WSMsgType
from aiohttp._websocket.reader import WebSocketDataQueue
from aiohttp.base_protocol import BaseProtocol
from engineio.async_socket import AsyncSocket
from engineio.packet import NOOP
from engineio.packet import Packet as EnginePacket

from chatserver.logs import get_log

from .frames import close_frame, pong_frame, text_frame
from .outbox import Outbox, Turn

INBOX = 64
"""Messages of one client that may wait for their turn; then nothing more is read from it."""
PING, PONG, CLOSE, UPGRADE = "2", "3", "1", "5"
PROBE, PROBED = "2probe", b"3probe"
_IGNORED = frozenset({PING, UPGRADE, "6"})
_CLOSES = {WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED}

Take = Callable[[str, str], Awaitable[None]]
"""Takes an Engine.IO id and a Socket.IO packet."""


class Line(WebSocketDataQueue):
    """Where aiohttp's reader puts the frames of one client.

    Messages are handled one after the other, all that came before the end among them.
    """

    def __init__(self, protocol: BaseProtocol, engine: AsyncSocket, turn: Turn, take: Take) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(protocol, 0, loop=loop)
        self.transport: asyncio.Transport = engine.tcp_transport
        self.outbox = Outbox(self.transport, turn)
        self.asked_at: float | None = None
        self._engine, self._take = engine, take
        self._inbox: deque[str] = deque()
        self._worker: asyncio.Task[None] | None = None
        self._paused = False
        self._gone: asyncio.Future[None] = loop.create_future()
        self._text: Callable[[str], None] = self._open
        if engine.connected:
            engine.upgrading = True
            self._text = self._probe
        else:
            engine.connected = True
            self._begin()

    async def run(self) -> None:
        """Until the connection has ended and all that it said was handled."""
        await self._gone
        if self._worker is not None:
            await self._worker
        if self._engine.upgrading:
            self._engine.upgrading = False
        if self._text == self._open:
            reason = self._engine.server.reason.TRANSPORT_CLOSE
            await self._engine.close(wait=False, abort=True, reason=reason)

    def feed_data(self, data: Any, size: int) -> None:
        """A whole frame or message came."""
        kind = data[0]
        if kind is WSMsgType.TEXT:
            self._text(data[1])
        elif kind is WSMsgType.PING:
            self.outbox.write(pong_frame(bytes(data[1])))
        elif kind in _CLOSES:
            self.end(WSCloseCode.OK)

    def feed_eof(self) -> None:
        """The connection is gone."""
        super().feed_eof()
        if not self._gone.done():
            self._gone.set_result(None)

    def set_exception(self, exc: BaseException, *_: Any) -> None:
        """What came is no WebSocket."""
        self.end(exc.code if isinstance(exc, WebSocketError) else WSCloseCode.PROTOCOL_ERROR)

    def end(self, code: int) -> None:
        """Close in order, after what was told before."""
        self.outbox.close(close_frame(code))
        if not self._gone.done():
            self._gone.set_result(None)

    def _begin(self) -> None:
        """From now on everything for this client goes out here."""
        engine = self._engine
        engine.upgraded, engine.upgrading, engine.last_ping = True, False, None
        before, engine.queue = engine.queue, self.outbox
        while not before.empty():
            self.outbox.put_nowait(before.get_nowait())

    def _probe(self, text: str) -> None:
        """The client wants to leave polling for this, and asks whether it is heard."""
        if text != PROBE:
            return self.end(WSCloseCode.PROTOCOL_ERROR)
        self.outbox.write(text_frame(PROBED))
        self._engine.queue.put_nowait(EnginePacket(NOOP))  # ends the poll that may be waiting
        self._text = self._upgrade

    def _upgrade(self, text: str) -> None:
        if text != UPGRADE:
            return self.end(WSCloseCode.PROTOCOL_ERROR)
        self._begin()
        self._text = self._open

    def _open(self, text: str) -> None:
        if text[:1] == "4":
            # One that cannot be Socket.IO's is passed over.
            if text[1:2].isdecimal():
                self._receive(text[1:])
        elif text == PONG:
            self.asked_at = self._engine.last_ping = None
        elif text not in _IGNORED:
            self.end(WSCloseCode.OK if text == CLOSE else WSCloseCode.PROTOCOL_ERROR)

    def _receive(self, packet: str) -> None:
        self._inbox.append(packet)
        if self._worker is None:
            self._worker = asyncio.create_task(self._work())
        if len(self._inbox) >= INBOX and not self._paused and not self.transport.is_closing():
            self._paused = True
            self.transport.pause_reading()

    async def _work(self) -> None:
        while self._inbox:
            packet = self._inbox.popleft()
            if self._paused and len(self._inbox) < INBOX // 2:
                self._paused = False
                self.transport.resume_reading()
            try:
                await self._take(self._engine.sid, packet)
            except Exception as error:  # noqa: BLE001 - the next packet is to be taken all the same
                get_log().error("packet.failed", exc_info=error)
        self._worker = None
