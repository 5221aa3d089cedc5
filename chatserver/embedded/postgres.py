"""The private PostgreSQL."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from pathlib import Path

from chatserver.embedded.binaries import Binaries
from chatserver.embedded.child import Child, Launch
from chatserver.embedded.cluster import data_argument
from chatserver.embedded.identity import Identity
from chatserver.embedded.leftovers import clear_leftovers, cluster_name
from chatserver.embedded.runfile import PORT, Run

_START_PATIENCE = 120.0
"""Seconds; recovery after a crash reads at most `max_wal_size` of log."""
_STOP_PATIENCE = 20.0
"""Seconds for a clean end, which writes everything out."""

CONNECTIONS = 160
"""Nine nodes on this machine, each with the pool that a node has by default, and 16 more for
commands and whoever looks on. One that is not used costs some kilobytes of shared memory."""

_SETTINGS = {
    # For a small machine and one community.
    "max_connections": str(CONNECTIONS),
    "shared_buffers": "64MB",
    "effective_cache_size": "256MB",
    "max_wal_size": "256MB",
    "io_method": "sync",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    # What is acknowledged is on the disk.
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    # Nothing on the network.
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": str(PORT),
    # The same on every machine, and a log in English that we can read.
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    # The log tells of the server, never what members write: no statement, value or detail, and
    # no error of a statement, which may quote a value. (`log` ranks above `error` here.)
    "log_min_messages": "log",
    "log_destination": "stderr",
    "logging_collector": "off",
    "log_line_prefix": "%m [%p] ",
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
    "log_autovacuum_min_duration": "-1",
}


@dataclass(frozen=True)
class Postgres:
    """How to start and stop PostgreSQL on one database folder, at one socket."""

    binaries: Binaries
    cluster: Path
    identity: Identity
    run: Run
    log: Path
    name: str = "PostgreSQL"

    async def start(self) -> Child:
        """Start it, and return once it takes connections.

        Raises:
            EmbeddedError: it did not start; nothing of it is left running.
        """
        await clear_leftovers(self.cluster)
        for stale in self.run.sockets.glob(".s.PGSQL.*"):
            stale.unlink(missing_ok=True)
        child = await Launch(
            self._command(), self.identity, self.cluster, self.log, signal.SIGQUIT
        ).start()
        try:
            await child.wait_until(self._ready, _START_PATIENCE)
        except BaseException:
            await clear_leftovers(self.cluster)
            raise
        return child

    async def stop(self, child: Child) -> None:
        """End it cleanly; sessions are closed, and all is written out."""
        await child.stop(signal.SIGINT, _STOP_PATIENCE)
        await clear_leftovers(self.cluster)

    def _command(self) -> list[str]:
        settings = {
            **_SETTINGS,
            "unix_socket_directories": str(self.run.sockets),
            "cluster_name": cluster_name(self.cluster),
        }
        folder = data_argument(self.cluster, self.identity)
        options = [word for item in settings.items() for word in ("-c", "=".join(item))]
        return [str(self.binaries.postgres), "-D", folder, *options]

    async def _ready(self) -> bool:
        """The last line of postmaster.pid says `ready` once connections are taken."""
        try:
            status = (self.cluster / "postmaster.pid").read_bytes()
        except FileNotFoundError:
            return False
        return status.rstrip().endswith(b"ready")
