"""A streaming replica of the tests' PostgreSQL, made with the programs that come with it."""

from __future__ import annotations

import asyncio
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import asyncpg

from chatserver.embedded.binaries import find_binaries
from chatserver.embedded.cluster import SUPERUSER
from chatserver.embedded.identity import Identity, choose_identity, give_tree, launch_command
from chatserver.embedded.postgres import CONNECTIONS
from tests.support.world import until


@dataclass
class StreamingReplica:
    """It replays what the primary commits, until it is told to pause or dies."""

    folder: Path
    identity: Identity
    primary: dict[str, str]
    process: asyncio.subprocess.Process | None = None

    def url(self, user: str = "") -> str:
        """Where it is reached."""
        host = quote(str(self.folder), safe="")
        user = user or self.primary["user"]
        return f"postgresql:///chat?host={host}&port={self.primary['port']}&user={user}"

    async def copy(self) -> None:
        """Copy the primary's files."""
        source = f"host={self.primary['host']} port={self.primary['port']} user={SUPERUSER}"
        programs = find_binaries().postgres.parent
        copying = await asyncio.create_subprocess_exec(
            str(programs / "pg_basebackup"), "-d", source, "-D", str(self.folder / "data"),
            "--checkpoint=fast", "--no-sync", "--write-recovery-conf",
        )  # fmt: skip
        assert await copying.wait() == 0
        if self.identity.reaches_less:
            give_tree(self.folder, self.identity)

    async def start(self) -> None:
        """Start it, and return once it answers."""
        command = [str(find_binaries().postgres), "-D", str(self.folder / "data")]
        for option in (
            f"port={self.primary['port']}",
            "listen_addresses=",
            f"unix_socket_directories={self.folder}",
            "fsync=off",
            "io_method=sync",
            f"max_connections={CONNECTIONS}",  # as many as the primary's, or it does not start
        ):
            command += ["-c", option]
        with (self.folder / "log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *launch_command(self.identity, signal.SIGQUIT, command), stdout=log, stderr=log
            )
        pid = self.folder / "data" / "postmaster.pid"
        await until(lambda: pid.exists() and pid.read_text().rstrip().endswith("ready"))

    async def tell(self, sql: str) -> None:
        """Say something to it as its superuser."""
        conn = await asyncpg.connect(self.url(SUPERUSER))
        try:
            await conn.execute(sql)
        finally:
            await conn.close()

    async def kill(self) -> None:
        """End it at once; its processes go with it."""
        if self.process is not None and self.process.returncode is None:
            with suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGQUIT)
            await self.process.wait()


@asynccontextmanager
async def streaming_replica(database_url: str) -> AsyncIterator[StreamingReplica]:
    """A replica of the database, up."""
    to = {name: value for name, (value,) in parse_qs(urlsplit(database_url).query).items()}
    folder = Path(tempfile.mkdtemp(prefix="chat-replica-"))
    replica = StreamingReplica(folder, await choose_identity(folder / "none"), to)
    try:
        await replica.copy()
        await replica.start()
        yield replica
    finally:
        await replica.kill()
        shutil.rmtree(folder)
