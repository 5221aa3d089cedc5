"""The private Valkey. It speaks Redis and keeps nothing: PostgreSQL holds the truth."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import dataclass
from pathlib import Path

from chatserver.embedded.binaries import Binaries
from chatserver.embedded.child import Child, Launch
from chatserver.embedded.identity import Identity
from chatserver.embedded.runfile import Run

_START_PATIENCE = 30.0
_STOP_PATIENCE = 5.0


@dataclass(frozen=True)
class Valkey:
    """How to start and stop Valkey at one socket."""

    binaries: Binaries
    identity: Identity
    run: Run
    log: Path
    name: str = "Valkey"

    async def start(self) -> Child:
        """Start it, and return once it answers.

        Raises:
            EmbeddedError: it did not start; nothing of it is left running.
        """
        self.run.valkey_socket.unlink(missing_ok=True)
        child = await Launch(
            self._command(), self.identity, self.run.sockets, self.log, signal.SIGKILL
        ).start()
        await child.wait_until(lambda: answers(self.run.valkey_socket), _START_PATIENCE)
        return child

    async def stop(self, child: Child) -> None:
        """End it."""
        await child.stop(signal.SIGTERM, _STOP_PATIENCE)

    def _command(self) -> list[str]:
        settings = {
            "port": "0",
            "unixsocket": str(self.run.valkey_socket),
            "unixsocketperm": "700",
            "daemonize": "no",
            "save": "",
            "appendonly": "no",
            "dir": str(self.run.sockets),
            "logfile": "",
            # The log tells of the server, never what members write.
            "loglevel": "notice",
            "hide-user-data-from-log": "yes",
        }
        options = [word for name, value in settings.items() for word in (f"--{name}", value)]
        return [str(self.binaries.valkey), *options]


async def answers(socket: Path) -> bool:
    """True when a Valkey at this socket answers a ping within a second."""
    try:
        async with asyncio.timeout(1):
            reader, writer = await asyncio.open_unix_connection(socket)
            try:
                writer.write(b"PING\r\n")
                return await reader.readline() == b"+PONG\r\n"
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False
