"""Ends what an earlier PostgreSQL left behind, so that the next one can start.

After a `kill -9` of the main process its helpers may live on for a while, and postmaster.pid
stays. PostgreSQL refuses to start while it believes either. Every process of ours is known by a
mark in its command line, which PostgreSQL shows for each helper too: the cluster name.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import subprocess
from pathlib import Path
from time import monotonic

from chatserver.embedded.errors import FolderInUse, StartFailed

_MARK = "chatserver-"
_PATIENCE = 10.0
_PROC = Path("/proc")


def cluster_name(cluster: Path) -> str:
    """The mark of one database folder: the same at each start, different for each folder."""
    found = cluster.stat()
    digest = hashlib.sha256(f"{found.st_dev}:{found.st_ino}".encode()).hexdigest()
    return f"{_MARK}{digest[:16]}"


async def clear_leftovers(cluster: Path) -> None:
    """End every process that serves this folder, then remove its postmaster.pid.

    Only the holder of the data folder's lock may call this: whatever runs is then an orphan.

    Raises:
        FolderInUse: a PostgreSQL that we did not start runs in the folder.
        StartFailed: an orphan does not end within ten seconds.
    """
    mark = cluster_name(cluster).encode()
    deadline = monotonic() + _PATIENCE
    while orphans := _marked(mark):
        for pid in orphans:
            _kill(pid)
        if monotonic() > deadline:
            raise StartFailed(f"an old PostgreSQL process does not end: {orphans[0]}")
        await asyncio.sleep(0.005)
    pid_file = cluster / "postmaster.pid"
    written = _written_pid(pid_file)
    if written is not None and _is_foreign_postgres(written, cluster):
        raise FolderInUse(f"process {written} in {cluster}")
    pid_file.unlink(missing_ok=True)


def _marked(mark: bytes) -> list[int]:
    """The PostgreSQL processes with the mark; a dead one that nobody has reaped shows none."""
    return [
        pid
        for pid, command in _command_lines()
        if mark in command and command.split(b"\0")[0].split(b"/")[-1].startswith(b"postgres")
    ]


def _command_lines() -> list[tuple[int, bytes]]:
    if not _PROC.is_dir():
        return _command_lines_by_ps()
    pids = [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit()]
    return [(pid, command) for pid in pids if (command := _read(_PROC / str(pid) / "cmdline"))]


def _command_lines_by_ps() -> list[tuple[int, bytes]]:
    """For systems without /proc, such as macOS."""
    listing = subprocess.run(
        ["/bin/ps", "-axww", "-o", "pid=,command="], capture_output=True, check=True
    ).stdout
    rows = (line.split(None, 1) for line in listing.splitlines())
    return [(int(row[0]), row[1].replace(b" ", b"\0", 1)) for row in rows if len(row) > 1]


def _is_foreign_postgres(pid: int, cluster: Path) -> bool:
    """True when this process is a PostgreSQL of somebody else in our folder.

    The number in a stale file may have passed to another process, even to the PostgreSQL of
    another data folder: that one bears a mark of its own.
    """
    process = _PROC / str(pid)
    if _read(process / "comm").strip() != b"postgres":
        return False
    command = _read(process / "cmdline")
    if not command or _MARK.encode() in command:
        return False
    try:
        return (process / "cwd").samefile(cluster)
    except FileNotFoundError:
        return False
    except PermissionError:
        return True  # not ours to look into: better refuse than risk two servers in one folder


def _written_pid(pid_file: Path) -> int | None:
    try:
        return int(pid_file.read_bytes().split(b"\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # the process ended, or hides itself
        return b""


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    except PermissionError as error:
        raise FolderInUse(f"process {pid}, of another user") from error
