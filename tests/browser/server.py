"""`chatserver serve` as its own process, on a free port and a fresh data folder."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import socketio

DEADLINE = 40.0
COMMAND = [sys.executable, "-c", "from chatserver.cli import main; main()"]
ROOT = Path(__file__).parents[2]


class Wire:
    """Speaks to the server beside the browser, from a thread of its own."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="wire", daemon=True)
        self._thread.start()

    def ask(self, token: str, *requests: tuple[str, dict[str, Any]]) -> list[dict[str, Any]]:
        """Send these requests as somebody, one after the other; the data of the answers."""
        work = asyncio.run_coroutine_threadsafe(self._ask(token, requests), self._loop)
        return work.result(DEADLINE)

    async def _ask(
        self, token: str, requests: tuple[tuple[str, dict[str, Any]], ...]
    ) -> list[dict[str, Any]]:
        client = socketio.AsyncClient()
        await client.connect(self._url, auth={"token": token}, transports=["websocket"])
        try:
            found = []
            for name, body in requests:
                answer = await client.call(name, body, timeout=10)
                assert answer["ok"], (name, answer)
                found.append(answer["data"])
            return found
        finally:
            await client.disconnect()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@dataclass(frozen=True)
class Server:
    """Where it is, and the tokens of the sample's people by role."""

    url: str
    tokens: dict[str, str]
    wire: Wire
    log: Path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/api/ready", timeout=2):  # noqa: S310 - our own
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"The server did not start:\n{log.read_text()}")


@contextmanager
def serving(*, sample: bool = True) -> Iterator[Server]:
    """Start it, wait until it serves, and stop it in order.

    Without the sample it is a new community that waits for its first admin.
    """
    with tempfile.TemporaryDirectory(prefix="chat-browser-") as folder:
        port = _free_port()
        url, log = f"http://127.0.0.1:{port}", Path(folder, "log")
        outside = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL"}}
        mine = {"CHATSERVER_DATA_DIR": f"{folder}/data", "CHATSERVER_PORT": str(port)}
        mine["PYTHONUNBUFFERED"] = "1"
        # One after the other, all tests come from one address and write fast.
        mine |= {"CHATSERVER_MESSAGE_BURST": "500", "CHATSERVER_MESSAGE_RATE": "500"}
        mine |= {"CHATSERVER_EVENT_BURST": "5000", "CHATSERVER_EVENT_RATE": "5000"}
        env = outside | mine
        with log.open("wb") as out:
            process = subprocess.Popen(
                [*COMMAND, "serve", *(["--sample"] if sample else [])],
                cwd=ROOT,
                env=env,
                stdout=out,
                stderr=out,
            )
        wire = Wire(url)
        try:
            _wait_ready(url, process, log)
            yield Server(url, _tokens(env) if sample else {}, wire, log)
        finally:
            wire.close()
            process.send_signal(signal.SIGTERM)
            process.wait(DEADLINE)


def wait_for(pattern: str, log: Path) -> str:
    """The first thing of this form that the server prints."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        if found := re.search(pattern, log.read_text()):
            return found.group()
        time.sleep(0.05)
    raise AssertionError(f"Nothing like {pattern} was printed:\n{log.read_text()}")


def _tokens(env: dict[str, str]) -> dict[str, str]:
    command = [*COMMAND, "sample", "--json"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, check=True, text=True)
    return {person["role"]: person["token"] for person in json.loads(done.stdout)["people"]}
