"""The Socket.IO gateway: python-socketio for the protocol, and our own door in front of events.

What python-socketio does with events is not enough here: it drops those sent before sign-in, it
acknowledges nothing when a handler raises, and a bad binary packet blocks a connection for good.
So packets are taken apart here, every event that can be answered is answered, and one client's
events are handled one after the other.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

import msgspec
import socketio
from aiohttp import WSCloseCode
from engineio.async_socket import AsyncSocket

from chatserver.errors import BinaryRefused, InvalidRequest
from chatserver.http.requests import token_of
from chatserver.turn import Turn
from people.refusal import Refusal

from .frames import close_frame
from .heart import Heart
from .line import Line
from .manager import NAMESPACE, OneNamespace
from .outbox import Outbox, Packet, unread
from .packet import (
    Header,
    PacketType,
    ack_frame,
    encode_ack,
    encode_refusal,
    parse_event,
    parse_header,
    parse_request,
)
from .polling import Engine, whole_request
from .websocket import LineWebSocket

UNREAD = 8
"""Packets that may wait for a client while its next event is taken; an answer can be large."""
UNREAD_SECONDS = 0.02
PING_SECONDS = 25.0
PONG_SECONDS = 20.0
"""A client that is asked every so often whether it is there has so long to answer."""
SWEEP_SECONDS = 10.0
"""How often those who poll are looked at: is one gone?"""

SIGN_IN_SECONDS = 45.0
"""Whoever has not signed in so long after connecting is let go."""

OriginAccepted = Callable[[str, dict[str, Any]], bool]


class Answers(Protocol):
    """What answers events: `chatserver.socket.dispatch`. Nothing here raises."""

    async def answer(self, sid: str | None, name: str, payload: Any) -> bytes:
        """The acknowledgement of an event with a raw payload."""
        ...

    def answer_at_once(
        self, sid: str, name: str, payload: Any, acknowledge: Callable[[bytes], None]
    ) -> bool:
        """Take an event without waiting, and acknowledge it later; False: nothing was done."""
        ...

    def acknowledged(self, sid: str | None) -> None:
        """The acknowledgement is on its way."""
        ...


class Gateway(socketio.AsyncServer):  # type: ignore[misc]  # socketio carries no types
    """A Socket.IO server whose events all go to `answers`.

    `_handle_eio_connect`, `_handle_eio_message` and `_handle_connect` are python-socketio's own
    names; a test fails when a new version moves them.
    """

    def __init__(
        self,
        *,
        answers: Answers,
        turn: Turn,
        packet_bytes: int,
        origin_accepted: OriginAccepted,
    ) -> None:
        super().__init__(
            async_mode="aiohttp",
            client_manager=OneNamespace(),
            async_handlers=False,
            cors_allowed_origins=origin_accepted,
            max_http_buffer_size=packet_bytes,
            http_compression=False,
            ping_interval=PING_SECONDS,
            ping_timeout=PONG_SECONDS,
            monitor_clients=False,
            namespaces=[NAMESPACE],
            # By themselves both would write texts of clients to standard error.
            logger=logging.getLogger("socketio.server"),
            engineio_logger=logging.getLogger("engineio.server"),
        )
        self.eio._async = {
            **self.eio._async,
            "websocket": type("OwnWebSocket", (LineWebSocket,), {"open_line": self._open_line}),
            "translate_request": whole_request,
        }
        self._answers, self.turn = answers, turn
        self._heart, self._swept = Heart(PING_SECONDS, PONG_SECONDS), 0.0
        self._strangers: deque[tuple[float, str]] = deque()

    def _engineio_server_class(self) -> type[Engine]:
        return Engine

    def _open_line(self, transport: asyncio.Transport, engine: AsyncSocket) -> Line:
        line = Line(transport, engine, self, self.eio.max_http_buffer_size)
        self._heart.add(line, asyncio.get_running_loop().time())
        return line

    def take_at_once(self, line: Line, packet: str) -> bool:
        """Take a packet of a line without waiting; False: it has to wait for something."""
        sid = self.manager.sid_from_eio_sid(line.engine.sid, NAMESPACE)
        request = parse_request(packet) if sid and line.outbox.unread <= UNREAD else None
        if request is None:
            return False
        number, name, payload = request

        def acknowledge(body: bytes) -> None:
            line.outbox.write(ack_frame(number, body))
            line.answered()

        line.sending()
        if self._answers.answer_at_once(sid, name, payload, acknowledge):
            return True
        line.answered()
        return False

    async def take(self, line: Line, packet: str) -> None:
        """Take a packet of a line."""
        await self._handle_eio_message(line.engine.sid, packet)

    async def gone(self, line: Line) -> None:
        """A line has ended."""
        engine = line.engine
        await engine.close(wait=False, abort=True, reason=self.reason.TRANSPORT_CLOSE)
        self.eio.sockets.pop(engine.sid, None)

    async def beat(self, now: float | None = None) -> None:
        """Ask who is still there. To be called about once a second; `now` is the loop's clock."""
        now = asyncio.get_running_loop().time() if now is None else now
        self._heart.beat(now)
        while self._strangers and self._strangers[0][0] <= now:
            await self._dismiss(self._strangers.popleft()[1])
        if now < self._swept + SWEEP_SECONDS:
            return
        self._swept = now
        for socket in list(self.eio.sockets.values()):
            if socket.closed:
                self.eio.sockets.pop(socket.sid, None)
            elif not socket.upgraded and not socket.closing:
                await socket.check_ping_timeout()

    async def _dismiss(self, eio_sid: str) -> None:
        """Let a client go that has not signed in."""
        socket = self.eio.sockets.get(eio_sid)
        if socket is None or self.manager.sid_from_eio_sid(eio_sid, NAMESPACE):
            return
        await self.eio.disconnect(eio_sid)
        if isinstance(socket.queue, Outbox):
            socket.queue.close(close_frame(WSCloseCode.POLICY_VIOLATION))

    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> None:
        """Of the request only its cookie's token is kept, for as long as somebody may sign in.

        A line is asked by its node's heart; engineio would keep a task for each.
        """
        token = token_of(environ["aiohttp.request"])
        await super()._handle_eio_connect(eio_sid, {"token": token})
        if environ.get("HTTP_UPGRADE"):
            self.eio.sockets[eio_sid].last_ping = None
        at = asyncio.get_running_loop().time() + SIGN_IN_SECONDS
        self._strangers.append((at, eio_sid))

    async def _handle_eio_message(self, eio_sid: str, data: Any) -> None:
        """Take one packet. Binary attachments belong to events that were refused already."""
        if not isinstance(data, str):
            return
        header = parse_header(data)
        if header is None:
            return
        if header.type is PacketType.CONNECT:
            await self._take_connect(eio_sid, header)
        elif header.type is PacketType.DISCONNECT:
            await self._handle_disconnect(eio_sid, header.namespace, None)
        elif header.type in {PacketType.EVENT, PacketType.BINARY_EVENT}:
            await self._until_read(eio_sid)
            await self._take_event(eio_sid, header)

    async def _until_read(self, eio_sid: str) -> None:
        """Take nothing more from a client that does not read its answers: memory stays bounded."""
        socket = self.eio.sockets.get(eio_sid)
        # A queue that is emptied tells nobody.
        while socket is not None and not socket.closed and unread(socket) > UNREAD:  # noqa: ASYNC110
            await asyncio.sleep(UNREAD_SECONDS)

    async def _take_event(self, eio_sid: str, header: Header) -> None:
        sid = self.manager.sid_from_eio_sid(eio_sid, NAMESPACE)
        event = parse_event(header.body)
        if header.type is PacketType.BINARY_EVENT:
            body = encode_refusal(BinaryRefused())
        elif event is None or header.namespace != NAMESPACE:
            body = encode_refusal(InvalidRequest())
        else:
            body = await self._answers.answer(sid, *event)
        socket = self.eio.sockets.get(eio_sid)
        if header.id is not None and socket is not None and not socket.closed:
            Packet(encode_ack(header.id, body)).put(socket)
        self._answers.acknowledged(sid)

    async def _take_connect(self, eio_sid: str, header: Header) -> None:
        """Only one namespace is served; signing in a second time on a connection is ignored."""
        if header.namespace == NAMESPACE and self.manager.sid_from_eio_sid(eio_sid, NAMESPACE):
            return
        try:
            auth = msgspec.json.decode(header.body) if header.body else None
        except (msgspec.DecodeError, RecursionError, UnicodeError):
            auth = "unreadable"
        await self._handle_connect(eio_sid, header.namespace, auth)

    def engine_sid(self, sid: str) -> str:
        """The Engine.IO id below a Socket.IO id."""
        found: str = self.manager.eio_sid_from_sid(sid, NAMESPACE)
        return found

    def refuse(self, refusal: Refusal) -> socketio.exceptions.ConnectionRefusedError:
        """What the connect handler raises: the client gets a `connect_error` with the code."""
        return socketio.exceptions.ConnectionRefusedError(
            refusal.message,
            {
                "code": refusal.code,
                "message": refusal.message,
                "retry_after": refusal.retry_after,
            },
        )
