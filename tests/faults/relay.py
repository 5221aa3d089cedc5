"""The way between one node and Valkey, which can be broken without touching anything else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from tests.faults.server import free_port

CHUNK = 64 * 1024


class Relay:
    """Passes bytes between a TCP port of its own and a Unix socket."""

    def __init__(self, there: Path) -> None:
        self._there, self._port = there, free_port()
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._flows = asyncio.Event()
        self._flows.set()

    @property
    def url(self) -> str:
        """What the node is told instead of Valkey's own address."""
        return f"redis://127.0.0.1:{self._port}"

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Relay]:
        """Pass everything on while the block runs."""
        await self._listen()
        try:
            yield self
        finally:
            self._break_off()

    @asynccontextmanager
    async def cut(self) -> AsyncIterator[None]:
        """Connections break off, and new ones are refused."""
        self._break_off()
        try:
            yield
        finally:
            await self._listen()

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Connections stay, new ones are taken, and nothing arrives until the block ends."""
        self._flows.clear()
        try:
            yield
        finally:
            self._flows.set()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._join, "127.0.0.1", self._port)

    def _break_off(self) -> None:
        if self._server is not None:
            self._server.close()
        for writer in self._writers:
            writer.transport.abort()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            answers, questions = await asyncio.open_unix_connection(self._there)
            ends = {writer, questions}
            self._writers |= ends
            ways = [
                asyncio.create_task(self._pass(reader, questions)),
                asyncio.create_task(self._pass(answers, writer)),
            ]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for end in ends:
                end.transport.abort()
            await asyncio.wait(ways)
            self._writers -= ends

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                await self._flows.wait()
                writer.write(data)
                await writer.drain()
