"""Owners of the services as processes to kill, and a look at which processes run."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

import asyncpg

from chatserver.embedded.leftovers import cluster_name

ROOT = Path(__file__).parents[3]
OWNER = Path(__file__).with_name("owner.py")


@dataclass
class Owner:
    """A process that owns, or attached to, the services of a folder."""

    process: asyncio.subprocess.Process
    said: list[dict[str, Any]] = field(default_factory=list)

    async def until(self, key: str) -> Any:
        """The value of the first line with this key."""
        assert self.process.stdout is not None
        async with asyncio.timeout(45):
            while line := await self.process.stdout.readline():
                self.said.append(json.loads(line))
                if key in self.said[-1]:
                    return self.said[-1][key]
        raise AssertionError(f"no {key}: {self.said}")

    async def stop(self) -> int:
        """Ask for a clean end; its exit code."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        try:
            async with asyncio.timeout(30):
                return await self.process.wait()
        except TimeoutError:
            await self.kill()
            raise

    async def kill(self) -> None:
        """End it as `kill -9` does."""
        self.process.kill()
        await self.process.wait()


StartOwner = Callable[..., Awaitable[Owner]]


def services_of(data_dir: Path, database_url: str = "no-such-folder") -> dict[int, str]:
    """The live processes that serve this data folder, or these sockets: number and command."""
    cluster = data_dir / "postgres"
    marks = [database_url.partition("host=")[2].partition("&")[0].replace("%2F", "/")]
    if cluster.exists():
        marks.append(cluster_name(cluster))
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes().decode()
            except (OSError, UnicodeDecodeError):
                continue
            if any(mark in command for mark in marks if mark):
                found[int(entry.name)] = command
    return found


def pid_of(data_dir: Path, database_url: str, program: str) -> int:
    """The main process of `postgres` or `valkey`."""
    matching = [
        pid
        for pid, command in services_of(data_dir, database_url).items()
        if program in command.split("\0")[0] and not command.startswith("postgres:")
    ]
    # A child that was born just now still has its parent's name.
    main = [pid for pid in matching if parent_of(pid) not in matching]
    assert len(main) == 1, matching
    return main[0]


def parent_of(pid: int) -> int | None:
    """The parent of a process; None when it has just ended."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return None


async def eventually(check: Callable[[], Awaitable[bool]], seconds: float) -> None:
    """Ask again and again until it is true; fail when the time is over."""
    deadline = monotonic() + seconds
    while not await check():
        assert monotonic() < deadline, "not in time"
        await asyncio.sleep(0.01)


async def none_left(data_dir: Path, database_url: str, seconds: float) -> None:
    """Fail unless every process of the services ends in time."""

    async def gone() -> bool:
        return not services_of(data_dir, database_url)

    await eventually(gone, seconds)


async def query(database_url: str, *statements: str) -> Any:
    """Run statements, and return the last one's first value."""
    connection = await asyncpg.connect(database_url, timeout=10)
    try:
        values = [await connection.fetchval(statement) for statement in statements]
    finally:
        await connection.close()
    return values[-1]


def strike(pid: int) -> None:
    """`kill -9`."""
    os.kill(pid, signal.SIGKILL)
