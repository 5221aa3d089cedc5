"""How a WebSocket leaves python-engineio's aiohttp driver for a `Line` of its own."""

import asyncio
from collections.abc import Callable
from typing import Any

from aiohttp.http_websocket import WebSocketReader, WebSocketWriter
from aiohttp.web import BaseRequest, WebSocketResponse
from engineio.async_drivers.aiohttp import WebSocket
from engineio.async_socket import AsyncSocket

from .line import Line

OpenLine = Callable[[Any, AsyncSocket], Line]


class StraightWebSocket(WebSocketResponse):
    """Shakes hands; the frames go to a line and to nothing else.

    Without permessage-deflate, which aiohttp would negotiate by itself: 136 kB for each idle
    connection against 32.
    """

    def __init__(self, packet_bytes: int, engine: AsyncSocket, open_line: OpenLine) -> None:
        super().__init__(compress=False)
        self._packet_bytes, self._engine, self._open_line = packet_bytes, engine, open_line
        self.line: Line

    def _post_start(
        self, request: BaseRequest, protocol: str | None, writer: WebSocketWriter
    ) -> None:
        self.line = self._open_line(request.protocol, self._engine)
        self._parser = WebSocketReader(
            self.line, self._packet_bytes, compress=False, decode_text=True
        )
        request.protocol.set_parser(self._parser)
        request.protocol.keep_alive(False)

    async def write_eof(self, data: bytes = b"") -> None:
        """The line has said goodbye."""


class LineWebSocket(WebSocket):  # type: ignore[misc]  # engineio carries no types
    """What engineio calls for a request that wants to become a WebSocket."""

    open_line: OpenLine

    async def __call__(self, environ: dict[str, Any]) -> WebSocketResponse:
        """Shake hands, then stay until the connection has ended."""
        request = environ["aiohttp.request"]
        engine = self.handler.__self__
        engine.tcp_transport = request.transport
        response = StraightWebSocket(self.server.max_http_buffer_size, engine, self.open_line)
        await response.prepare(request)
        try:
            await response.line.run()
        except asyncio.CancelledError:
            response.line.transport.abort()
            raise
        return response
