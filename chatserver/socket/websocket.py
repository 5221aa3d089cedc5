"""How a WebSocket leaves aiohttp and python-engineio's driver for a `Line` of its own."""

import asyncio
from collections.abc import Callable
from typing import Any

from aiohttp.http_websocket import WebSocketWriter
from aiohttp.web import BaseRequest, WebSocketResponse
from engineio.async_drivers.aiohttp import WebSocket
from engineio.async_socket import AsyncSocket

from .line import Line

OpenLine = Callable[[asyncio.Transport, AsyncSocket], Line]


class Handshake(WebSocketResponse):
    """Shakes hands, and leaves the connection alone before and after.

    Without permessage-deflate, which aiohttp would negotiate by itself: 136 kB for each idle
    connection.
    """

    def __init__(self) -> None:
        super().__init__(compress=False)

    def _post_start(
        self, request: BaseRequest, protocol: str | None, writer: WebSocketWriter
    ) -> None:
        """No reader: what comes is kept until the line is there."""

    async def write_eof(self, data: bytes = b"") -> None:
        """The line says goodbye."""


class LineWebSocket(WebSocket):  # type: ignore[misc]  # engineio carries no types
    """What engineio calls for a request that wants to become a WebSocket."""

    open_line: OpenLine

    async def __call__(self, environ: dict[str, Any]) -> WebSocketResponse:
        """Shake hands and hand over; for aiohttp that is the end of the connection."""
        request: BaseRequest = environ["aiohttp.request"]
        response = Handshake()
        engine = self.handler.__self__
        await response.prepare(request)
        transport, early = release(request)
        if transport is None:
            await engine.close(wait=False, abort=True)
            return response
        engine.tcp_transport = transport
        line = self.open_line(transport, engine)
        transport.set_protocol(line)
        if early:
            line.data_received(early)
        return response


def release(request: BaseRequest) -> tuple[asyncio.Transport | None, bytes]:
    """Let aiohttp forget a connection that lives on; None when the client has gone meanwhile.

    Also the bytes that were read ahead. Nothing of the request is kept for the hours that the
    connection may last.
    """
    protocol = request.protocol
    transport, protocol.transport = protocol.transport, None  # so that it is not closed
    early: bytes = protocol._message_tail
    protocol.connection_lost(None)
    if transport is not None:
        transport.resume_reading()  # aiohttp pauses whoever sends much before its answer
    return transport, early
