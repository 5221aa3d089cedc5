"""A cluster to break: private services with a holder of their own, and nodes, all as processes.

Every process is known by its number.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
from redis import asyncio as aioredis
from redis.exceptions import RedisError

from tests.faults.checker import Row
from tests.faults.server import COMMAND, FAST, SERVE, ServerNode, environment, frozen, tied
from tests.faults.trace import memory_of, reproaches
from tests.integration.embedded.processes import OWNER, ROOT, Owner, parent_of, pid_of, services_of
from tests.support.world import until


@dataclass(frozen=True)
class Community:
    """The sample community: tokens by handle, and the ids of the rooms; everybody is in all."""

    tokens: dict[str, str]
    rooms: list[str]


def sample(environment: dict[str, str], cwd: Path, people: int, rooms: int) -> Community:
    """Make the sample community by the command that other tools use."""
    done = subprocess.run(
        tied([COMMAND, "sample", "--people", str(people), "--rooms", str(rooms), "--json"]),
        env=environment,
        cwd=cwd,
        capture_output=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr.decode()
    made = json.loads(done.stdout)
    assert all(len(room["members"]) == people for room in made["rooms"])
    return Community(
        {person["handle"]: person["token"] for person in made["people"]},
        [room["id"] for room in made["rooms"]],
    )


class Cluster:
    """The services of one folder with their holder, and nodes on them."""

    def __init__(self, folder: Path, community: Community) -> None:
        self.folder, self.community = folder, community
        self.data_dir = folder / "data"
        self.nodes: list[ServerNode] = []
        self.owner: Owner | None = None
        self.database_url = self.redis_url = ""
        self._unused = iter(community.rooms)
        self._read: dict[Path, int] = {}

    async def start(self, nodes: int = 2, settings: Mapping[str, str] = {}) -> None:
        """Start the services, then the nodes all at once."""
        await self.start_services()
        await self.start_nodes(*[settings] * nodes)

    async def start_services(self) -> None:
        """Start PostgreSQL and Valkey only."""
        self.owner = await start_holder(self.data_dir)
        services = await self.owner.until("services")
        self.database_url, self.redis_url = services["database_url"], services["redis_url"]

    async def start_nodes(
        self, *settings: Mapping[str, str], program: Sequence[str] = SERVE
    ) -> None:
        """Start a node for each of these settings, all at once."""
        usual = {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url, **FAST}
        self.nodes = [
            ServerNode(
                environment(self.data_dir, **{**usual, **own}),
                self.folder / f"node{number}.log",
                program=program,
            )
            for number, own in enumerate(settings)
        ]
        await asyncio.gather(*(node.start() for node in self.nodes))

    async def mend(self) -> None:
        """Have all of it running, whatever the test before left; its complaints are its own."""
        if self.owner is None or self.owner.process.returncode is not None:
            await self.stop()
            await self.start()
        for node in self.nodes:
            if not node.runs:
                await node.start()
        self._read = {node.log: len(node.log.read_text()) for node in self.nodes}

    def rooms(self, count: int) -> list[str]:
        """Rooms that nobody has used yet."""
        return [next(self._unused) for _ in range(count)]

    async def stop(self) -> None:
        """End whatever still runs."""
        for node in self.nodes:
            if node.runs:
                await node.kill()
        if self.owner is not None and self.owner.process.returncode is None:
            await self.owner.stop()

    def postgres(self) -> int:
        """The number of PostgreSQL's main process."""
        return pid_of(self.data_dir, self.database_url, "postgres")

    def valkey(self) -> int:
        """The number of the Valkey process."""
        return pid_of(self.data_dir, self.database_url, "valkey")

    def running(self) -> set[int]:
        """Every process of this cluster that is alive."""
        found = set(services_of(self.data_dir, self.database_url))
        return found | {node.pid for node in self.nodes if node.runs}

    def strays(self) -> list[int]:
        """Processes of the services that have lost their parent."""
        assert self.owner is not None
        services = services_of(self.data_dir, self.database_url)
        parents = {self.owner.process.pid, *services}
        return [pid for pid in services if parent_of(pid) not in parents]

    @asynccontextmanager
    async def without(self, pid: int, number: signal.Signals) -> AsyncIterator[None]:
        """A service that is asked to end, and stays away while the block runs."""
        assert self.owner is not None
        with frozen(self.owner.process.pid):  # or it would be started again
            os.kill(pid, number)
            await until(lambda: has_ended(pid), 5)
            yield
        await self._until_served()

    async def _until_served(self) -> None:
        """Return once both services answer."""
        redis = aioredis.from_url(self.redis_url)
        while True:
            try:
                await (await asyncpg.connect(self.database_url, timeout=10)).close()
                await redis.ping()
            except (OSError, asyncpg.PostgresError, RedisError):
                await asyncio.sleep(0.02)
            else:
                return await redis.aclose()

    def complaints(self, secrets: Iterable[str], most: int) -> list[str]:
        """What is wrong with what each node has logged since it was all mended."""
        texts = [node.log.read_text()[self._read.get(node.log, 0) :] for node in self.nodes]
        return [c for text in texts for c in reproaches(text.splitlines(), secrets, most)]

    def memory(self) -> list[float]:
        """What each node has, in MB; nothing if it does not run."""
        return [memory_of(node.pid) if node.runs else 0.0 for node in self.nodes]

    async def rows(self, rooms: Sequence[str]) -> list[Row]:
        """The messages of some rooms as they are stored."""
        connection = await asyncpg.connect(self.database_url, timeout=10)
        try:
            found = await connection.fetch(
                "SELECT room_id, seq, id, key FROM messages WHERE room_id::text = ANY($1)", rooms
            )
        finally:
            await connection.close()
        return [Row(str(r["room_id"]), r["seq"], str(r["id"]), str(r["key"])) for r in found]


def has_ended(pid: int) -> bool:
    """Whether a process is gone, or would be if its parent took notice."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


async def start_holder(data_dir: Path) -> Owner:
    """Start the process that holds the private services of a folder."""
    return Owner(
        await asyncio.create_subprocess_exec(
            *tied([sys.executable, str(OWNER), str(data_dir)]),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
    )


async def make_template(folder: Path, people: int, rooms: int) -> Community:
    """Make a data folder with the sample community in it, to be copied for each test."""
    owner = await start_holder(folder)
    services: dict[str, Any] = await owner.until("services")
    addresses = {"DATABASE_URL": services["database_url"], "REDIS_URL": services["redis_url"]}
    given = environment(folder, **addresses)
    community = await asyncio.to_thread(sample, given, folder, people, rooms)
    assert await owner.stop() == 0
    return community


def copy_template(template: Path, into: Path) -> None:
    """A data folder of one's own; a lock is never copied."""
    shutil.copytree(template, into, ignore=shutil.ignore_patterns("lock", "*.log"))
