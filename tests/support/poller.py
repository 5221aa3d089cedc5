"""A client that polls by hand, one request at a time or several at once."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from chatserver.node import Node

from .raw import socket_url
from .world import Data

SEPARATOR = "\x1e"
UNSIGNED = '[{"ok":false,"error":{"code":"unauthenticated"'
"""How every event is answered before sign-in: enough for an echo."""
SOON = 5.0
"""Seconds after which something should have happened that would else happen half a minute later."""


def event(number: int) -> str:
    """A message that is answered."""
    return f'42{number}["person:me",{{}}]'


def answers(packet: str, number: int) -> bool:
    """Whether a packet is the answer to that message, of somebody who has not signed in."""
    return packet.startswith(f"43{number}{UNSIGNED}")


class Poller:
    """One Engine.IO session over polling; `base` is the server's address."""

    def __init__(self, http: aiohttp.ClientSession, base: str) -> None:
        self.http, self.base = http, base
        self._url = socket_url(base, "polling")
        self.opened: Data = {}

    @property
    def sid(self) -> str:
        """The session's id."""
        sid: str = self.opened["sid"]
        return sid

    @property
    def url(self) -> str:
        """Where the session is polled."""
        return f"{self._url}&sid={self.sid}"

    @property
    def websocket_url(self) -> str:
        """Where the session goes over to a WebSocket."""
        return self.url.replace("=polling", "=websocket")

    async def open(self) -> None:
        """Shake hands."""
        async with self.http.get(self._url) as answer:
            text = await answer.text()
        assert (answer.status, text[:1]) == (200, "0")
        self.opened = json.loads(text[1:])

    async def get(self) -> tuple[int, list[str]]:
        """Wait for packets: the status, and what came."""
        async with self.http.get(self.url) as answer:
            return answer.status, (await answer.text()).split(SEPARATOR)

    async def post(self, *packets: str) -> int:
        """Send packets as they are; the status."""
        return await self.post_body(SEPARATOR.join(packets).encode())

    async def post_body(self, body: bytes) -> int:
        """Send a body, well-formed or not; the status."""
        async with self.http.post(self.url, data=body) as answer:
            await answer.read()
            return answer.status


@asynccontextmanager
async def polling(node: Node | str) -> AsyncIterator[Poller]:
    """Open a session."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        poller = Poller(http, node if isinstance(node, str) else node.settings.url)
        await poller.open()
        yield poller
