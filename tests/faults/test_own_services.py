"""A `chatserver serve` that brings its own services: it may be killed or stopped at any moment,
nothing of it stays behind, and everything said is there again."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from tests.faults.checker import Row, verdict
from tests.faults.conftest import Template
from tests.faults.harness import copy_template, sample
from tests.faults.member import Member
from tests.faults.server import FAST, ServerNode, environment, tied
from tests.integration.embedded.processes import ROOT, none_left
from tests.support.world import until

Spawn = Callable[..., Awaitable[ServerNode]]

RACER = """
import sys
from pathlib import Path
from chatserver.keys import make_key_file

folder = Path(sys.argv[1])
for n in range(20):
    print("ready", flush=True)
    while not (folder / f"go{n}").exists():
        pass
    make_key_file(folder / f"key{n}")
    print((folder / f"key{n}").read_text(), end="", flush=True)
"""


@pytest.fixture
async def spawn(tmp_path: Path) -> AsyncIterator[Spawn]:
    """Starts a server on a data folder, and waits for nothing; none outlives the test."""
    servers: list[ServerNode] = []

    async def spawned(data_dir: Path, *options: str) -> ServerNode:
        log = data_dir.parent / f"server{len(servers)}.log"
        servers.append(ServerNode(environment(data_dir, **FAST), log, options))
        await servers[-1].spawn()
        return servers[-1]

    yield spawned
    for server in servers:
        if server.runs:
            await server.end()
    await none_left(tmp_path / "data", "", 5)
    shutil.rmtree(tmp_path / "data", ignore_errors=True)


async def started(spawn: Spawn, template: Template, data_dir: Path) -> ServerNode:
    """A server on a folder with the sample community in it, ready."""
    copy_template(template[0], data_dir)
    server = await spawn(data_dir)
    await server.wait_until_ready()
    return server


def sockets_of(data_dir: Path) -> Path:
    """Where the services of the folder are reached at the moment."""
    return Path(json.loads((data_dir / "run.json").read_text())["sockets"])


@asynccontextmanager
async def staying(member: Member) -> AsyncIterator[Member]:
    task = asyncio.create_task(member.stay())
    try:
        await until(lambda: member.node is not None)
        yield member
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_everything_said_is_there_after_kill_9(
    template: Template, tmp_path: Path, spawn: Spawn
) -> None:
    data_dir, community = tmp_path / "data", template[1]
    server, room = await started(spawn, template, data_dir), community.rooms[0]
    (handle, token), (other, others) = list(community.tokens.items())[:2]
    async with staying(Member(handle, token, [server.url], 0, [room])) as member:
        spoken = [await member.say(room, f"before {n}") for n in range(20)]
        sockets = sockets_of(data_dir)
        await server.kill()
        await none_left(data_dir, str(sockets), 3)
        await server.start()
        spoken += [await member.say(room, f"after {n}") for n in range(20)]
        async with staying(Member(other, others, [server.url], 0, [room])) as late:
            await until(lambda: member.position[room] == late.position[room] == 40)
    assert not sockets.exists()
    said = [one.what for one in spoken]
    rows = [Row(one.room, one.seq, one.id, one.key) for one in said]
    assert not verdict(said, rows, [member.views[room], late.views[room]])
    assert await server.end() == 0
    await none_left(data_dir, "", 1)


async def test_ctrl_c_ends_all_that_was_started(
    template: Template, tmp_path: Path, spawn: Spawn
) -> None:
    data_dir = tmp_path / "data"
    server = await started(spawn, template, data_dir)
    sockets = sockets_of(data_dir)
    assert await server.end(signal.SIGINT, seconds=8) in {0, 130}
    await none_left(data_dir, str(sockets), 0.5)
    assert not sockets.exists()
    assert not (data_dir / "run.json").exists()
    assert not (data_dir / "postgres" / "postmaster.pid").exists()


async def test_ctrl_c_while_the_database_is_being_made(tmp_path: Path, spawn: Spawn) -> None:
    data_dir = tmp_path / "data"
    server = await spawn(data_dir)
    await until(lambda: any(data_dir.glob(".postgres-incomplete-*/base")), 20)
    sockets = sockets_of(data_dir)
    assert await server.end(signal.SIGINT) in {0, 130}
    await none_left(data_dir, str(sockets), 0.5)
    assert "Traceback" not in server.log.read_text()
    assert not list(data_dir.glob(".postgres-incomplete-*"))
    await server.start()
    assert await server.end() == 0


async def test_two_servers_that_start_at_once_share_one_community(
    tmp_path: Path, spawn: Spawn
) -> None:
    """On an empty folder one makes the database and the key, and the other finds them."""
    data_dir = tmp_path / "data"
    servers = [await spawn(data_dir, "--sample") for _ in range(2)]
    await asyncio.gather(*(server.wait_until_ready() for server in servers))
    community = await asyncio.to_thread(sample, environment(data_dir), tmp_path, 5, 3)
    room, urls = community.rooms[0], [server.url for server in servers]
    (handle, token), (other, others) = list(community.tokens.items())[:2]
    async with (
        staying(Member(handle, token, urls, 0, [room])) as robin,
        staying(Member(other, others, urls, 1, [room])) as sol,
    ):
        spoken = [await member.say(room, "hello") for _ in range(5) for member in (robin, sol)]
        await until(lambda: robin.position[room] == sol.position[room] == 10)
    said = [one.what for one in spoken]
    rows = [Row(one.room, one.seq, one.id, one.key) for one in said]
    assert not verdict(said, rows, [robin.views[room], sol.views[room]])


@asynccontextmanager
async def racing(folder: Path, count: int) -> AsyncIterator[list[asyncio.StreamReader]]:
    """Processes that make key files in a folder, and what they print."""
    racers = [
        await asyncio.create_subprocess_exec(
            *tied([sys.executable, "-c", RACER, str(folder)]),
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        for _ in range(count)
    ]
    try:
        yield [racer.stdout for racer in racers if racer.stdout is not None]
    finally:
        for racer in racers:
            if racer.returncode is None:
                racer.kill()
            await racer.wait()


async def test_servers_that_make_the_key_at_once_all_use_the_same(tmp_path: Path) -> None:
    """A key that was replaced after its first use would leave messages unreadable for good."""
    async with racing(tmp_path, 3) as outs, asyncio.timeout(40):
        for number in range(20):
            said = await asyncio.gather(*(out.readline() for out in outs))
            assert said == [b"ready\n"] * 3
            (tmp_path / f"go{number}").touch()
            keys = await asyncio.gather(*(out.readline() for out in outs))
            assert keys[0]
            assert len(set(keys)) == 1
    assert not list(tmp_path.glob("key*.*"))
