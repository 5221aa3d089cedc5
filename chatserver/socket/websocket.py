"""The WebSocket of python-engineio's aiohttp driver, without compression.

It also notes the TCP transport on engineio's socket, so that a slow reader can be cut off.

aiohttp would negotiate permessage-deflate by itself: 136 kB for each idle connection against 32.
"""

import re
from typing import Any

from aiohttp.web import WebSocketResponse
from engineio.async_drivers.aiohttp import WebSocket

_MESSAGE = re.compile(r"4\d", re.ASCII)
_SIGNALS = frozenset({"2", "2probe", "3", "3probe", "5", "6"})
"""Ping, pong, upgrade and noop: all that a client may send beside messages."""


class PlainWebSocket(WebSocket):  # type: ignore[misc]  # engineio carries no types
    """Accepts a WebSocket with permessage-deflate off."""

    async def __call__(self, environ: dict[str, Any]) -> WebSocketResponse:
        """Shake hands, then let engineio's handler run until the end."""
        self._sock = WebSocketResponse(
            max_msg_size=self.server.max_http_buffer_size, compress=False, autoping=True
        )
        await self._sock.prepare(environ["aiohttp.request"])
        self.handler.__self__.tcp_transport = environ["aiohttp.request"].transport
        self.environ = environ
        await self.handler(self)
        return self._sock

    async def wait(self) -> str | bytes:
        """The next frame. Raises OSError when there is none, which ends the connection in order.

        Engine.IO text that is no packet does the same: engineio would raise where nothing lets
        go of the connection. A message that cannot be Socket.IO's is passed over, for engineio
        would read it as JSON of any depth.
        """
        while True:
            frame: str | bytes = await super().wait()
            if isinstance(frame, bytes) or _MESSAGE.match(frame) or frame in _SIGNALS:
                return frame
            if not frame.startswith("4"):
                raise OSError
