"""What the owner of a data folder tells those who attach: where its sockets are."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote

from chatserver.embedded.errors import PathTooLong

DATABASE = "chat"
"""The name of the database, and of the role that owns it."""
PORT = 5432
"""Part of the socket's file name only: nothing listens on the network."""

_PREFIX = "chatserver-"
_POSTGRES_SOCKET = f".s.PGSQL.{PORT}"
_VALKEY_SOCKET = "valkey.sock"
_LONGEST_SOCKET_PATH = 103
"""Bytes that fit on every system: Linux takes 107, macOS 103."""


@dataclass(frozen=True)
class Run:
    """One life of the services: their socket folder, fresh for each, and whether they answer."""

    sockets: Path
    ready: bool = False

    @property
    def postgres_socket(self) -> Path:
        """PostgreSQL's socket file."""
        return self.sockets / _POSTGRES_SOCKET

    @property
    def valkey_socket(self) -> Path:
        """Valkey's socket file."""
        return self.sockets / _VALKEY_SOCKET

    @property
    def redis_url(self) -> str:
        """For `redis.asyncio.from_url`."""
        return f"unix://{quote(str(self.valkey_socket))}"

    def database_url(self, database: str = DATABASE, user: str = DATABASE) -> str:
        """For `asyncpg.connect`; the port is named so that PGPORT has no say."""
        host = quote(str(self.sockets), safe="")
        return f"postgresql:///{database}?host={host}&port={PORT}&user={user}"


def new_run() -> Run:
    """Make a fresh folder for the sockets, closed to everybody else.

    Raises:
        PathTooLong: neither the temporary folder nor /tmp has a path that is short enough.
    """
    for base in dict.fromkeys((tempfile.gettempdir(), "/tmp")):  # noqa: S108 - mkdtemp makes it
        # Eight random characters follow the prefix.
        longest = Path(base, _PREFIX + 8 * "x", _POSTGRES_SOCKET)
        if len(bytes(longest)) <= _LONGEST_SOCKET_PATH and Path(base).is_dir():
            return Run(Path(tempfile.mkdtemp(prefix=_PREFIX, dir=base)))
    raise PathTooLong(tempfile.gettempdir())


def remove_sockets(run: Run) -> None:
    """Remove a socket folder, and only what is one."""
    if run.sockets.name.startswith(_PREFIX):
        shutil.rmtree(run.sockets, ignore_errors=True)


def write_run(path: Path, run: Run) -> None:
    """Publish the run in one step: a reader sees the old file or the new one."""
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(asdict(run), default=str), encoding="utf-8")
    draft.replace(path)


def read_run(path: Path) -> Run | None:
    """The last published run, or None where there is none; its owner may be gone."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return Run(Path(stored["sockets"]), bool(stored["ready"]))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
