"""Making the database folder at the first start."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
from pathlib import Path

from chatserver.embedded.binaries import Binaries
from chatserver.embedded.child import Launch
from chatserver.embedded.identity import Identity

SUPERUSER = "postgres"
"""Owns the cluster; the chat server itself works with a lesser role."""

_DRAFT = ".postgres-incomplete-"


async def make_cluster(cluster: Path, binaries: Binaries, identity: Identity, log: Path) -> None:
    """Make a new database folder beside its place, and move it there when it is complete.

    A start that is killed half-way leaves only a draft, which the next first start removes.

    Raises:
        EmbeddedError: it could not be made; the log tells the class. Nothing is left then.
        OSError: a file could not be written.
    """
    for old in cluster.parent.glob(f"{_DRAFT}*"):
        await asyncio.to_thread(shutil.rmtree, old, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix=_DRAFT, dir=cluster.parent))
    try:
        if identity.reaches_less:
            os.chown(draft, identity.user, identity.group)
        await _initialise(draft, binaries, identity, log)
        draft.rename(cluster)
        _sync(cluster.parent)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


async def _initialise(draft: Path, binaries: Binaries, identity: Identity, log: Path) -> None:
    """Run initdb. UTF-8 with PostgreSQL's own C.UTF-8, so that no system locale matters."""
    command = [
        str(binaries.initdb),
        f"--pgdata={data_argument(draft, identity)}",
        f"--username={SUPERUSER}",
        "--auth=trust",  # the socket lies in a folder that is closed to everybody else
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--data-checksums",
        "--no-instructions",
    ]
    child = await Launch(command, identity, draft, log, signal.SIGKILL).start()
    try:
        code = await child.process.wait()
    except BaseException:
        await child.stop(signal.SIGKILL, 0)
        raise
    if code != 0:
        raise child.failure()


def data_argument(folder: Path, identity: Identity) -> str:
    """How PostgreSQL is told its folder, which is also its working folder.

    Whoever the services become may not be allowed to walk the path down to the folder (below
    /root, for instance), but a process can always reach where it stands.
    """
    return "/proc/self/cwd" if identity.reaches_less else str(folder)


def _sync(folder: Path) -> None:
    """Make a rename in this folder last through a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
