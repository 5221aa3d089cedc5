"""Valkey as a cluster, and Valkey watched by a Sentinel: real processes on this machine, that end
with the tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redis import asyncio as aioredis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot
from redis.exceptions import RedisError

from chatserver.embedded.binaries import find_binaries
from tests.faults.server import free_port, tied

PASSWORD = "an old secret"
ANSWER_SECONDS = 15.0


@dataclass
class Valkey:
    """One server, or one Sentinel."""

    folder: Path
    port: int = field(default_factory=free_port)
    bus: int = field(default_factory=free_port)
    process: asyncio.subprocess.Process | None = None

    async def start(self, *options: str) -> None:
        """Start it, and return once it answers."""
        folder = self.folder / str(self.port)
        folder.mkdir()
        command = [str(find_binaries().valkey), *options, "--port", str(self.port)]
        command += ["--bind", "127.0.0.1", "--dir", str(folder)]
        with (folder / "log").open("wb") as log:
            self.process = await asyncio.create_subprocess_exec(
                *tied(command), stdout=log, stderr=log
            )
        await eventually(self._answers)

    async def ask(self, *command: str | int) -> Any:
        """Its answer to one command."""
        client = aioredis.Redis(
            port=self.port, password=PASSWORD, retry=Retry(NoBackoff(), 0), protocol=2
        )
        try:
            return await client.execute_command(*command)  # type: ignore[no-untyped-call]
        finally:
            await client.aclose()

    async def _answers(self) -> bool:
        return bool(await self.ask("PING"))

    async def kill(self) -> None:
        """End it as `kill -9` does."""
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()


async def eventually(true: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something holds; a server that does not answer yet says no."""
    deadline = asyncio.get_running_loop().time() + ANSWER_SECONDS
    while True:
        try:
            if await true():
                return
        except (RedisError, OSError):
            pass
        assert asyncio.get_running_loop().time() < deadline, "did not come true in time"
        await asyncio.sleep(0.02)


@dataclass
class ValkeyCluster:
    """Three masters; the first has a replica."""

    masters: list[Valkey]
    replica: Valkey
    names: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Two of its servers are enough to find the others."""
        hosts = ",".join(f"127.0.0.1:{server.port}" for server in self.masters[:2])
        return f"redis+cluster://:{PASSWORD.replace(' ', '%20')}@{hosts}/"

    def master_of(self, channel: str) -> int:
        """The number of the master that holds a channel's slot at first."""
        return key_slot(channel.encode()) * 3 // REDIS_CLUSTER_HASH_SLOTS

    async def join(self) -> None:
        """Make a cluster of them."""
        first = self.masters[0]
        for number, server in enumerate(self.masters):
            slots = [s for s in range(REDIS_CLUSTER_HASH_SLOTS) if s * 3 // 16384 == number]
            await server.ask("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
            await server.ask("CLUSTER", "ADDSLOTSRANGE", slots[0], slots[-1])
            self.names.append((await server.ask("CLUSTER", "MYID")).decode())
        for server in (*self.masters[1:], self.replica):
            await server.ask("CLUSTER", "MEET", "127.0.0.1", first.port, first.bus)
        await eventually(self._introduced)
        await self.replica.ask("CLUSTER", "REPLICATE", self.names[0])
        await eventually(self._whole)

    async def _introduced(self) -> bool:
        known = (await self.replica.ask("CLUSTER", "NODES")).decode()
        return all(name in known for name in self.names)

    async def _whole(self) -> bool:
        for server in self.masters:
            info = (await server.ask("CLUSTER", "INFO")).decode()
            if "cluster_state:ok" not in info or "cluster_known_nodes:4" not in info:
                return False
        replication = await self.replica.ask("INFO", "replication")
        return bool(replication["master_link_status"] == "up")

    async def move(self, channel: str, to: int) -> None:
        """Hand the slot of a channel to another master, as an operator would."""
        for server in (self.masters[to], *self.masters):
            slot = key_slot(channel.encode())
            await server.ask("CLUSTER", "SETSLOT", slot, "NODE", self.names[to])


@asynccontextmanager
async def valkey_cluster(folder: Path) -> AsyncIterator[ValkeyCluster]:
    """A cluster, up and whole."""
    servers = [Valkey(folder) for _ in range(4)]
    secret = ("--requirepass", PASSWORD, "--masterauth", PASSWORD, "--save", "")
    rules = ("--cluster-enabled", "yes", "--cluster-node-timeout", "800")
    options = (*rules, *secret, "--repl-diskless-sync-delay", "0")
    try:
        await asyncio.gather(
            *(one.start(*options, "--cluster-port", str(one.bus)) for one in servers)
        )
        cluster = ValkeyCluster(servers[:3], servers[3])
        await cluster.join()
        yield cluster
    finally:
        for server in servers:
            await server.kill()


@dataclass
class Watched:
    """A server and its replica, and the Sentinel that watches over both."""

    master: Valkey
    replica: Valkey
    sentinel: Valkey

    @property
    def url(self) -> str:
        """By way of the Sentinel; another one, that is away, is named first."""
        secret = PASSWORD.replace(" ", "%20")
        hosts = f"127.0.0.1:{free_port()},127.0.0.1:{self.sentinel.port}"
        return f"redis+sentinel://:{secret}@{hosts}/0?service=chat&sentinel_password={secret}"

    async def sees_the_replica(self) -> bool:
        """Whether the Sentinel could hand over."""
        return len(await self.sentinel.ask("SENTINEL", "REPLICAS", "chat")) == 1


@asynccontextmanager
async def valkey_with_sentinel(folder: Path) -> AsyncIterator[Watched]:
    """All three, up and knowing each other."""
    found = Watched(Valkey(folder), Valkey(folder), Valkey(folder))
    secret = ("--requirepass", PASSWORD, "--masterauth", PASSWORD, "--save", "")
    rules = folder / "sentinel.conf"
    rules.write_text(
        f'requirepass "{PASSWORD}"\n'
        f"sentinel monitor chat 127.0.0.1 {found.master.port} 1\n"
        f'sentinel auth-pass chat "{PASSWORD}"\n'
        "sentinel down-after-milliseconds chat 500\n"
        "sentinel failover-timeout chat 3000\n"
    )
    try:
        await found.master.start(*secret, "--repl-diskless-sync-delay", "0")
        replica_of = ("--replicaof", f"127.0.0.1 {found.master.port}")
        await found.replica.start(*secret, *replica_of)
        await found.sentinel.start(str(rules), "--sentinel")
        await eventually(found.sees_the_replica)
        yield found
    finally:
        for server in (found.sentinel, found.replica, found.master):
            await server.kill()
