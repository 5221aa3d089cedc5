"""`chatserver serve` as a process of its own, tied to the life of the tests by the kernel."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import sysconfig
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from chatserver.embedded.identity import Identity, launch_command

COMMAND = str(Path(sysconfig.get_path("scripts"), "chatserver"))
SERVE = (COMMAND, "serve")
READY_SECONDS = 20.0
LONG = os.environ.get("CHATSERVER_LONG_FAULTS") == "1"
"""Whether faults last as long as in real life; else they last as long as it takes to tell."""
FAST = {
    "CHATSERVER_MESSAGE_BURST": "1000000",
    "CHATSERVER_MESSAGE_RATE": "1000000",
    "CHATSERVER_EVENT_BURST": "1000000",
    "CHATSERVER_EVENT_RATE": "1000000",
    "CHATSERVER_SHUTDOWN_SECONDS": "1",
}
"""Nobody is told to wait, and a server that stops waits for nobody for long."""


def environment(data_dir: Path, **more: str) -> dict[str, str]:
    """A command's environment: this one, without what it may say about some other server."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("CHATSERVER_") and name not in {"DATABASE_URL", "REDIS_URL"}
    }
    return {**kept, "CHATSERVER_DATA_DIR": str(data_dir), **more}


def tied(command: Sequence[str]) -> list[str]:
    """The command, so run that the kernel kills it when the tests end, however they end."""
    return launch_command(Identity("same", 0, 0), signal.SIGKILL, list(command))


def free_port() -> int:
    """A port below those that outgoing connections are given, so that it stays free."""
    while True:
        port = random.randrange(20_000, 32_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


@contextmanager
def frozen(*pids: int) -> Iterator[None]:
    """Processes that stand still for a while."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


@dataclass
class ServerNode:
    """`chatserver serve` at one port, started as often as one likes."""

    environment: dict[str, str]
    log: Path
    options: tuple[str, ...] = ()
    program: Sequence[str] = SERVE
    port: int = field(default_factory=free_port)
    process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.returncode is None

    async def start(self) -> None:
        """Start it, and return once it can serve."""
        await self.spawn()
        await self.wait_until_ready()

    async def spawn(self) -> None:
        """Start it, and wait for nothing."""
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *tied([*self.program, "--port", str(self.port), *self.options]),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.log.parent,
                env=self.environment,
            )

    async def wait_until_ready(self) -> None:
        """Return once it can serve."""
        deadline = asyncio.get_running_loop().time() + READY_SECONDS
        while not await self._ready():
            assert self.runs, self.log.read_text()
            assert asyncio.get_running_loop().time() < deadline, self.log.read_text()
            await asyncio.sleep(0.02)

    async def _ready(self) -> bool:
        with suppress(aiohttp.ClientError, TimeoutError):
            timeout = aiohttp.ClientTimeout(total=1)
            async with aiohttp.ClientSession(timeout=timeout) as http:
                answer = await http.get(f"{self.url}/api/ready")
                return answer.status == 200
        return False

    async def figure(self, name: str) -> float:
        """One of the figures that it shows to its operator."""
        async with aiohttp.ClientSession() as http:
            text = await (await http.get(f"{self.url}/metrics")).text()
        return float(text.partition(f"\n{name} ")[2].partition("\n")[0])

    async def kill(self) -> None:
        """End it as `kill -9` does."""
        assert self.process is not None
        self.process.kill()
        await self.process.wait()

    async def end(self, number: signal.Signals = signal.SIGTERM, seconds: float = 10) -> int:
        """Ask it to end; its exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        async with asyncio.timeout(seconds):
            return await self.process.wait()
