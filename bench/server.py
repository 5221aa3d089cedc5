"""The server under measurement: nodes on cores of their own, with their private services."""

import http.client
import os
import random
import signal
import socket
import subprocess
import sysconfig
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from bench.processes import alive, below, cpu, memory, name, pin
from bench.wal import written
from chatserver.embedded.identity import Identity, launch_command

COMMAND = str(Path(sysconfig.get_path("scripts"), "chatserver"))
PATIENCE = 30.0
SETTINGS = {
    "CHATSERVER_LOG_LEVEL": "warning",
    "CHATSERVER_MESSAGE_BURST": "1000000000",
    "CHATSERVER_MESSAGE_RATE": "1000000000",
    "CHATSERVER_EVENT_BURST": "1000000000",
    "CHATSERVER_EVENT_RATE": "1000000000",
    "CHATSERVER_CONNECTIONS_PER_PERSON": "1000000",
    "CHATSERVER_SEND_QUEUE": "100000",
    "CHATSERVER_SHUTDOWN_SECONDS": "1",
}
"""Nobody is told to wait: it is the server that is measured, not its limits for people."""


class ServerFailed(Exception):
    """The server did not do what a measurement needs."""


class LeftBehind(ServerFailed):
    """A process still runs that should have ended."""


@dataclass(frozen=True, slots=True)
class Cores:
    """Who runs where."""

    nodes: tuple[int, ...]
    rest: tuple[int, ...]

    @classmethod
    def of(cls, cores: Sequence[int], nodes: int) -> "Cores":
        """A core for each node as long as half the cores suffice; the rest for everything else."""
        own = max(1, min(nodes, len(cores) // 2))
        return cls(tuple(cores[:own]), tuple(cores[own:]) or tuple(cores))


@dataclass(frozen=True, slots=True)
class Used:
    """CPU seconds so far, and resident bytes of the nodes."""

    nodes: tuple[float, ...]
    postgres: float
    valkey: float
    memory: int


class Server:
    """One community's nodes, on a data folder of its own."""

    def __init__(self, folder: Path, cores: Cores) -> None:
        self._folder, self._cores = folder, cores
        self._processes: list[subprocess.Popen[bytes]] = []
        self.ports: list[int] = []
        self._seen: set[int] = set()

    def start(self, nodes: int) -> None:
        """Start nodes, one after the other; the first owns the services. Raises ServerFailed."""
        for number in range(nodes):
            port = free_port()
            core = self._cores.nodes[number % len(self._cores.nodes)]
            self._processes.append(self._run([core], "serve", "--sample", "--port", str(port)))
            self._wait_until_ready(port)
            self.ports.append(port)
        services = below(self._processes[0].pid)
        pin(services, self._cores.rest)
        self._seen |= {*services, *(process.pid for process in self._processes)}

    def sample(self, people: int, rooms: int) -> tuple[list[str], list[str]]:
        """Open the sample community: a token for each person, the id of each room.

        Raises ServerFailed.
        """
        tokens, ids = self._folder / "tokens", self._folder / "rooms"
        process = self._run(
            self._cores.rest,
            *("sample", "--people", str(people), "--rooms", str(rooms)),
            *("--people-file", str(tokens), "--rooms-file", str(ids)),
        )
        try:
            failed = process.wait()
        finally:
            process.kill()
            process.wait()
        if failed:
            raise ServerFailed(self._log())
        return tokens.read_text().split(), ids.read_text().split()

    def _run(self, cores: Sequence[int], *arguments: str) -> "subprocess.Popen[bytes]":
        """Run the command. The kernel ends it when this process ends, however it ends."""
        command = launch_command(Identity("same", 0, 0), signal.SIGTERM, [COMMAND, *arguments])
        kept = {k: v for k, v in os.environ.items() if not k.startswith("CHATSERVER_")}
        kept = {k: v for k, v in kept.items() if k not in {"DATABASE_URL", "REDIS_URL"}}
        own = {"CHATSERVER_DATA_DIR": str(self._folder / "data")}
        with (self._folder / "log").open("ab") as log, on(cores):
            return subprocess.Popen(
                command,
                env=kept | SETTINGS | own,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _wait_until_ready(self, port: int) -> None:
        until = monotonic() + PATIENCE
        while not _ready(port):
            if self._processes[-1].poll() is not None or monotonic() > until:
                raise ServerFailed(self._log())
            sleep(0.05)

    def _log(self) -> str:
        return (self._folder / "log").read_text(errors="replace")[-2000:]

    def used(self) -> Used:
        """What has been used so far."""
        pids = [process.pid for process in self._processes]
        services = below(pids[0])
        self._seen |= set(services)
        named = {pid: name(pid) for pid in services}
        of = {
            program: sum(cpu(pid, with_ended=True) for pid in services if program in named[pid])
            for program in ("postgres", "valkey")
        }
        nodes = tuple(cpu(pid) for pid in pids)
        return Used(nodes, of["postgres"], of["valkey"], sum(map(memory, pids)))

    def wal(self) -> int:
        """Bytes that PostgreSQL has written to its log so far."""
        return written(self._folder / "data")

    def quiet(self, seconds: float = 10.0) -> None:
        """Wait until the nodes have nothing left to do, or for so long."""
        until, calm, before = monotonic() + seconds, 0, -1.0
        while calm < 3 and monotonic() < until:  # noqa: PLR2004 - three looks in a row
            now = sum(self.used().nodes)
            calm = calm + 1 if now - before <= 0.02 else 0  # noqa: PLR2004 - two ticks
            before = now
            sleep(0.2)

    def stop(self) -> None:
        """End everything, further nodes first. Raises LeftBehind."""
        for process in self._processes:
            self._seen |= set(below(process.pid))
        for process in reversed(self._processes):
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        until = monotonic() + PATIENCE
        while left := [pid for pid in self._seen if alive(pid)]:
            if monotonic() > until:
                raise LeftBehind(f"processes {left}")
            sleep(0.05)


@contextmanager
def running(nodes: int, cores: Cores) -> Iterator[Server]:
    """A server while the block runs. Nothing of it is left afterwards."""
    with tempfile.TemporaryDirectory(prefix="chatserver-bench-") as folder:
        server = Server(Path(folder), cores)
        try:
            server.start(nodes)
            yield server
        finally:
            server.stop()


@contextmanager
def on(cores: Sequence[int]) -> Iterator[None]:
    """Have what is started in the block run on these cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def free_port() -> int:
    """A port below those that outgoing connections are given, so that it stays free."""
    while True:
        port = random.randrange(20_000, 32_000)  # noqa: S311 - any port will do
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def _ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/api/ready")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
