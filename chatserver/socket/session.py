"""How a connection begins and ends."""

import asyncio
from typing import Any

import msgspec
from aiohttp import WSCloseCode, web
from engineio.async_socket import AsyncSocket

from chatserver.errors import InternalError, InvalidRequest, ShuttingDown
from chatserver.http.requests import origin_accepted
from chatserver.logs import get_log
from chatserver.node import Node
from chatserver.protocol.common import Wire
from chatserver.protocol.events import ServerGoodbye
from people.refusal import Refusal
from people.sessions import service as sessions
from people.sessions.errors import NotSignedIn

from .connection import Connection, WaysOut
from .dispatch import Dispatch
from .frames import close_frame
from .gateway import Gateway
from .outbox import Outbox

LINGER_SECONDS = 5.0
"""A client that was told to go and stays is cut off after this."""


class Auth(Wire, frozen=True):
    """What a client says on connecting; without it the cookie counts."""

    token: str | None = None


class Sockets:
    """The socket side of a node."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._stopping = False
        self.gateway = Gateway(
            answers=Dispatch(node),
            turn=node.turn,
            packet_bytes=node.settings.packet_bytes,
            origin_accepted=lambda origin, environ: origin_accepted(
                origin, environ.get("HTTP_HOST", ""), node.settings
            ),
        )
        self.gateway.on("connect", self._connect)
        self.gateway.on("disconnect", self._disconnect)

    def attach(self, app: web.Application) -> None:
        """Serve /socket.io/ on the application."""
        self.gateway.attach(app)

    async def _connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        try:
            await self._admit(sid, environ["token"], auth)
        except Refusal as refusal:
            raise self.gateway.refuse(refusal) from None
        except Exception as error:  # noqa: BLE001 - a failure here must refuse, never admit
            get_log().error("connect.failed", exc_info=error)
            raise self.gateway.refuse(InternalError(retry_after=1.0)) from None

    async def _admit(self, sid: str, cookie: str | None, auth: Any) -> None:
        if self._stopping:
            raise ShuttingDown(retry_after=1.0)
        try:
            said = msgspec.convert(auth if auth is not None else {}, Auth)
        except msgspec.ValidationError:
            raise InvalidRequest from None
        token = said.token or cookie
        if not token:
            raise NotSignedIn
        async with self._node.database.connection() as conn:
            session, who = await sessions.resume(conn, token, self._node.clock())
        socket: AsyncSocket = self.gateway.eio.sockets[self.gateway.engine_sid(sid)]
        self._node.connections.add(
            Connection(
                sid,
                socket,
                who,
                session.id,
                queue_limit=self._node.settings.send_queue,
                ways_out=WaysOut(lambda: self._cut(socket), lambda: self._close(sid, socket)),
                metrics=self._node.metrics,
            )
        )

    async def _disconnect(self, sid: str, _reason: Any = None) -> None:
        connection = self._node.connections.remove(sid)
        if connection is not None:
            self._node.fanout.unfollow_all(connection)

    def _cut(self, socket: AsyncSocket) -> None:
        transport = getattr(socket, "tcp_transport", None)
        if transport is not None:
            transport.abort()
        self._node.fanout.spawn(socket.close(wait=False, abort=True))

    async def _close(self, sid: str, socket: AsyncSocket) -> None:
        await self.gateway.disconnect(sid)
        await self._leave(socket)

    async def _leave(self, socket: AsyncSocket) -> None:
        await socket.close(wait=False)
        asyncio.get_running_loop().call_later(LINGER_SECONDS, self._cut, socket)

    async def stop(self) -> None:
        """Take nobody in any more, tell everybody to come back, and let them go.

        The Engine.IO connection is closed, not the Socket.IO one: official clients come back by
        themselves after the former only. They spread over a second or two.
        """
        self._stopping = True
        for number, connection in enumerate(self._node.connections):
            connection.tell("server:goodbye", ServerGoodbye(retry_after=0.5 + number % 20 / 10))
        leaving = [s for s in self.gateway.eio.sockets.values() if not s.closed]
        for socket in leaving:
            await socket.close(wait=False)
        await self._drained(leaving)
        for socket in leaving:
            if isinstance(socket.queue, Outbox):
                socket.queue.close(close_frame(WSCloseCode.GOING_AWAY))
        await self.gateway.shutdown()

    async def _drained(self, sockets: list[AsyncSocket]) -> None:
        """Wait until they have taken what was told, within the time for shutting down."""
        deadline = asyncio.get_running_loop().time() + self._node.settings.shutdown_seconds
        while asyncio.get_running_loop().time() < deadline:
            if all(socket.queue.empty() or _gone(socket) for socket in sockets):
                return
            await asyncio.sleep(0.02)


def _gone(socket: AsyncSocket) -> bool:
    transport = getattr(socket, "tcp_transport", None)
    return transport is None or transport.is_closing()
