"""The gateway alone, without a community behind it: what is about packets, not about people."""

import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import WSCloseCode, web

from chatserver.socket.frames import close_frame
from chatserver.socket.gateway import Gateway
from chatserver.socket.outbox import Outbox
from chatserver.turn import Turn

PACKET_BYTES = 100_000


class Echo:
    """Answers every event with its payload: "hot" ones without a task, "held" ones only when
    `release` is called."""

    def __init__(self) -> None:
        self._held: list[Callable[[], None]] = []

    async def answer(self, sid: str | None, name: str, payload: Any) -> bytes:
        """The acknowledgement."""
        return bytes(payload)

    def answer_at_once(
        self, sid: str, name: str, payload: Any, acknowledge: Callable[[bytes], None]
    ) -> bool:
        """Take a hot or held event."""
        if name == "hot":
            acknowledge(bytes(payload))
        elif name == "held":
            self._held.append(lambda: acknowledge(bytes(payload)))
        return name in {"hot", "held"}

    def release(self) -> None:
        """Answer what was held."""
        for answer in self._held:
            answer()
        self._held.clear()

    def acknowledged(self, sid: str | None) -> None:
        """Nothing waits for it."""


@dataclass(frozen=True)
class Lone:
    """A gateway that serves, and admits everybody."""

    url: str
    gateway: Gateway
    echo: Echo

    def abort(self) -> None:
        """Let all connections break."""
        for engine in list(self.gateway.eio.sockets.values()):
            if transport := getattr(engine, "tcp_transport", None):
                transport.abort()

    async def end(self) -> None:
        """Let all sessions end in order, as the server does when it stops."""
        for engine in list(self.gateway.eio.sockets.values()):
            await self.gateway.eio.disconnect(engine.sid)
            if isinstance(engine.queue, Outbox):
                engine.queue.close(close_frame(WSCloseCode.GOING_AWAY))


@asynccontextmanager
async def lone_gateway(context: ssl.SSLContext | None = None) -> AsyncIterator[Lone]:
    """Serve on a port of its own while the block runs; with a context over TLS."""
    echo = Echo()
    gateway = Gateway(
        answers=echo,
        turn=Turn(),
        packet_bytes=PACKET_BYTES,
        origin_accepted=lambda _origin, _environ: True,
    )
    gateway.on("connect", _admit)
    app = web.Application()
    gateway.attach(app)
    listener = socket.create_server(("127.0.0.1", 0))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
    await runner.setup()
    await web.SockSite(runner, listener, ssl_context=context).start()
    scheme = "http" if context is None else "https"
    lone = Lone(f"{scheme}://127.0.0.1:{listener.getsockname()[1]}", gateway, echo)
    try:
        yield lone
    finally:
        await lone.end()
        lone.abort()
        await gateway.shutdown()
        await runner.cleanup()


async def _admit(_sid: str, _environ: dict[str, Any], _auth: Any = None) -> None:
    """Everybody is welcome."""
