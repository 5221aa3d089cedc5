"""The data folder: what lies where in it, who holds it, and whether it can be used.

lock                  held with flock by the server that owns the services
run.json              where the owner's sockets are
postgres/             the database, as PostgreSQL keeps it
postgres.log, valkey.log, each with one older part (.1)
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chatserver.embedded.errors import BrokenFolder, DiskFull, NotWritable, WrongVersion

FIRST_USE_BYTES = 200_000_000
"""Free space asked for before a new database is made; an empty one takes some 45 MB."""
LATER_USE_BYTES = 50_000_000
"""Free space asked for before an existing database is started; recovery writes some."""

_NOT_WRITABLE = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST}
_FULL = {errno.ENOSPC, errno.EDQUOT}


@dataclass(frozen=True)
class DataFolder:
    """The paths below one data folder."""

    path: Path

    @property
    def lock_file(self) -> Path:
        """Never removed: removing a lock file lets two processes hold it."""
        return self.path / "lock"

    @property
    def run_file(self) -> Path:
        """Written by the owner, read by those who attach."""
        return self.path / "run.json"

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own folder, with links resolved."""
        return (self.path / "postgres").resolve()

    @property
    def postgres_log(self) -> Path:
        """Server events only; its settings keep statements and values out."""
        return self.path / "postgres.log"

    @property
    def valkey_log(self) -> Path:
        """Server events only."""
        return self.path / "valkey.log"


@contextmanager
def file_errors(where: Path) -> Iterator[None]:
    """Turn the operating system's refusals into ours.

    Raises:
        DiskFull: no space is left, or the quota is used up.
        NotWritable: the folder is closed to this user, or is no folder.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFull(str(where)) from error
        if error.errno in _NOT_WRITABLE:
            raise NotWritable(f"{where}: {error.strerror}") from error
        raise


def open_folder(path: Path) -> DataFolder:
    """Make the data folder if there is none, closed to everybody else.

    Raises:
        DiskFull, NotWritable: see `file_errors`.
    """
    with file_errors(path):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = path.resolve()
    if not os.access(path, os.W_OK | os.X_OK):
        raise NotWritable(str(path))
    return DataFolder(path)


def take_lock(folder: DataFolder) -> int | None:
    """Become the owner; the file descriptor, or None when a live process is it already.

    The lock ends with the descriptor, so at the latest with this process. Children do not
    inherit it.

    Raises:
        DiskFull, NotWritable: see `file_errors`.
    """
    with file_errors(folder.lock_file):
        lock = os.open(folder.lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock


def cluster_exists(folder: DataFolder) -> bool:
    """True when there is a database; False when its folder is absent or empty."""
    cluster = folder.cluster
    with file_errors(cluster):
        return cluster.exists() and any(cluster.iterdir())


def check_cluster(folder: DataFolder, major: int) -> None:
    """Look at an existing database before a server touches it.

    Raises:
        BrokenFolder: it does not say which version made it, or lacks its control file.
        WrongVersion: another major version made it.
    """
    cluster = folder.cluster
    try:
        made_by = (cluster / "PG_VERSION").read_text(encoding="ascii").strip()
    except (FileNotFoundError, UnicodeDecodeError) as error:
        raise BrokenFolder(f"no readable PG_VERSION in {cluster}") from error
    if made_by != str(major):
        raise WrongVersion(f"{cluster} holds version {made_by}, this server brings {major}")
    if not (cluster / "global" / "pg_control").is_file():
        raise BrokenFolder(f"no global/pg_control in {cluster}")


def check_space(folder: DataFolder, least: int) -> None:
    """Refuse to start where the disk is all but full.

    Args:
        folder: where the database is or will be.
        least: the bytes that must be free.

    Raises:
        DiskFull: fewer are free.
    """
    free = shutil.disk_usage(folder.path).free
    if free < least:
        megabyte = 1_000_000
        raise DiskFull(
            f"{folder.path}: {free // megabyte} MB free, {least // megabyte} MB are needed"
        )
