"""Polling as the Engine.IO protocol has it, where python-engineio does less.

engineio reads a body with one `read`, which answers with what has arrived so far: a packet that
comes in two TCP segments would be cut in two. It takes a body of none but broken packets for a good
one, drops one of more than 16, lets two polls of one session take turns, and waits for ever for a
client that was told to go to fetch its goodbye.
"""

from asyncio import IncompleteReadError
from typing import Any

import engineio
from aiohttp import StreamReader, web
from engineio.async_drivers.aiohttp import translate_request
from engineio.exceptions import UnknownPacketError
from engineio.packet import NOOP, Packet
from engineio.payload import Payload

# How much one body may hold is told by its bytes, as the handshake says.
Payload.max_decode_packets = 1_000_000

SEPARATOR = "\x1e"
_SENT_BY_CLIENTS = frozenset("1345b")
"""Close, pong, message, upgrade, and a binary message."""


class WholeBody:
    """What engineio reads a body from."""

    def __init__(self, content: StreamReader) -> None:
        self._content = content

    async def read(self, length: int) -> bytes:
        """So many bytes, or what there was before the client broke off. engineio has compared
        `length` with the largest packet before.

        Raises UnknownPacketError, upon which engineio ends the session.
        """
        try:
            body = await self._content.readexactly(length)
        except IncompleteReadError as error:
            body = error.partial
        if not well_formed(body):
            raise UnknownPacketError
        return body


def well_formed(body: bytes) -> bool:
    """Whether a body is packets that a client may send; none at all is fine."""
    try:
        packets = body.decode().split(SEPARATOR)
    except UnicodeDecodeError:
        return False
    return not body or all(packet[:1] in _SENT_BY_CLIENTS for packet in packets)


def whole_request(request: web.Request) -> dict[str, Any]:
    """Engineio's view of a request."""
    environ: dict[str, Any] = translate_request(request)
    environ["wsgi.input"] = WholeBody(request.content)
    return environ


class Engine(engineio.AsyncServer):  # type: ignore[misc]  # engineio carries no types
    """An Engine.IO server in which no packet is given to a poll that nobody waits for.

    A session has one poll at a time. A second one, or one whose client has gone, ends the session,
    and the client comes back with the last `seq` that it has.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._polled: set[str] = set()

    async def handle_request(self, request: web.Request) -> web.StreamResponse:
        """Answer a request of any transport."""
        sid = request.query.get("sid", "")
        socket = self.sockets.get(sid)
        if socket is None or socket.upgraded or "Upgrade" in request.headers:
            return await self._answer(request)
        if request.method == "GET":
            return await self._poll(request, sid)
        response = await self._answer(request)
        if socket.closed and sid in self._polled:
            socket.queue.put_nowait(Packet(NOOP))  # ends the poll that is waiting
        return response

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        response: web.StreamResponse = await super().handle_request(request)
        return response

    async def _poll(self, request: web.Request, sid: str) -> web.StreamResponse:
        if sid in self._polled:
            await self.disconnect(sid)
            return await self._answer(request)
        self._polled.add(sid)
        try:
            response = await self._answer(request)
        finally:
            self._polled.discard(sid)
        if request.transport is None:
            await self.disconnect(sid)
        return response

    async def disconnect(self, sid: str) -> None:
        """End a session without waiting for its client; a poll that waits brings it the word."""
        socket = self.sockets.pop(sid, None)
        if socket is not None:
            await socket.close(wait=False)
