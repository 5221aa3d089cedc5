"""One connection of one client to one node, by the official client."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import socketio

from tests.faults.checker import Connection

Data = dict[str, Any]

CONNECT_SECONDS = 5.0
"""For a node that takes a connection and then says nothing."""


class LostError(Exception):
    """The connection is gone; whether the request was done is unknown."""


@dataclass
class Link:
    """A connection to one node. `patience` is the longest wait for an answer, in seconds;
    `connected` is since when it stands, on the loop's clock."""

    sio: socketio.AsyncClient
    node: int
    patience: float
    connected: float = 0.0
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    rooms: dict[str, Connection] = field(default_factory=dict)

    async def connect(self, url: str, token: str) -> None:
        """Sign in. Raises LostError."""
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await self.sio.connect(
                    url,
                    auth={"token": token},
                    transports=["websocket"],
                    wait_timeout=CONNECT_SECONDS,
                )
        except (TimeoutError, socketio.exceptions.ConnectionError) as error:
            raise LostError from error
        self.connected = asyncio.get_running_loop().time()

    async def ask(
        self, name: str, body: Data, note: Callable[[Data], None] = lambda _data: None
    ) -> Data:
        """Send a request; the answer. `note` is called at the answer's turn among the events.

        Raises LostError.
        """
        answer: asyncio.Future[Data] = asyncio.get_running_loop().create_future()

        def take(found: Data) -> None:
            if found["ok"]:
                note(found["data"])
            answer.set_result(found)

        try:
            await self.sio.emit(name, body, callback=take)
        except socketio.exceptions.SocketIOError as error:
            raise LostError from error
        gone = asyncio.ensure_future(self.gone.wait())
        either: set[asyncio.Future[Any]] = {answer, gone}
        await asyncio.wait(either, timeout=self.patience, return_when=asyncio.FIRST_COMPLETED)
        gone.cancel()
        if answer.done():
            return answer.result()
        assert self.gone.is_set(), f"{name} was not answered within {self.patience} s"
        raise LostError

    def doze(self) -> None:
        """Read nothing any more; the connection stays, and its socket takes in little."""
        self._transport().pause_reading()
        self._take_in(4096)

    def wake(self) -> None:
        """Read again; from now on it counts as connected."""
        self._take_in(2**20)
        self._transport().resume_reading()
        self.connected = asyncio.get_running_loop().time()

    def _take_in(self, size: int) -> None:
        """Have the system keep so many bytes that are not read yet."""
        sock: socket.socket = self._transport().get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)

    def _transport(self) -> asyncio.Transport:
        found: asyncio.Transport = self.sio.eio.ws._conn.transport
        return found

    async def drop(self) -> None:
        """Lose the connection as in a tunnel: nobody says goodbye."""
        await self.sio.eio.http.close()

    async def leave(self) -> None:
        """Let go of the connection in whatever state it is."""
        with suppress(TimeoutError, aiohttp.ClientError, socketio.exceptions.SocketIOError):
            async with asyncio.timeout(2):
                await self.sio.disconnect()
        if self.sio.eio.http is not None:
            await self.sio.eio.http.close()
