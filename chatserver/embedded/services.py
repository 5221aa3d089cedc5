"""The private PostgreSQL and Valkey of a server that was given none.

The first process on a data folder owns them: it starts them, keeps them running and stops them.
A second one (another server node, or a command) attaches to what runs.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic

from chatserver.embedded.binaries import find_binaries
from chatserver.embedded.cluster import make_cluster
from chatserver.embedded.database import ensure_database
from chatserver.embedded.errors import AttachTimeout, EmbeddedError
from chatserver.embedded.folder import (
    FIRST_USE_BYTES,
    LATER_USE_BYTES,
    DataFolder,
    check_cluster,
    check_space,
    cluster_exists,
    file_errors,
    open_folder,
    take_lock,
)
from chatserver.embedded.identity import RootMode, choose_identity, give_tree
from chatserver.embedded.postgres import Postgres
from chatserver.embedded.programs import programs_for
from chatserver.embedded.runfile import Run, new_run, read_run, remove_sockets, write_run
from chatserver.embedded.supervisor import Supervisor
from chatserver.embedded.valkey import Valkey, answers

Progress = Callable[[str], None]
"""Takes one plain line for a person to read."""
OnFailure = Callable[[EmbeddedError], None]
"""Told once when a service is given up."""

ATTACH_PATIENCE = 60.0
"""Seconds to wait for another process that is starting the services."""


@dataclass(frozen=True)
class Services:
    """Where the services are. Both addresses stay the same until the owner stops.

    `owner` says whether this process started them; otherwise they end with the process that did.
    """

    database_url: str
    redis_url: str
    owner: bool


@dataclass(frozen=True)
class Options:
    """What is rarely changed.

    min_free_bytes: free disk space to ask for; None means 200 MB for a new database and 50 MB
        for an existing one.
    as_root: how a root server drops its rights for the services.
    attach_patience: seconds to wait for another process that is starting the services.
    """

    min_free_bytes: int | None = None
    as_root: RootMode = "auto"
    attach_patience: float = ATTACH_PATIENCE


DEFAULTS = Options()


@asynccontextmanager
async def embedded_services(
    data_dir: Path,
    *,
    progress: Progress,
    on_failure: OnFailure | None = None,
    options: Options = DEFAULTS,
) -> AsyncIterator[Services]:
    """Have the private services while the block runs.

    The thread of the event loop must live as long as the services: the kernel ends them with the
    thread that started them.

    Args:
        data_dir: made if absent. One folder is one database.
        progress: told what happens, in lines for a person.
        on_failure: told when a service keeps failing and is given up; the server should end.
            Without it, `progress` is told.
        options: see `Options`.

    Raises:
        EmbeddedError: one of its subclasses, each with its own reason. An existing database is
            never changed or removed by a failure.
    """
    folder = open_folder(data_dir)
    held = await _own_or_attach(folder, options.attach_patience)
    if isinstance(held, Run):
        progress("Using the database of the server that runs on this data folder.")
        yield _services(held, owner=False)
        return
    try:
        async with _owned(folder, progress, on_failure or _tell(progress), options) as run:
            yield _services(run, owner=True)
    finally:
        os.close(held)


async def _own_or_attach(folder: DataFolder, patience: float) -> int | Run:
    """The lock, or the run of the process that holds it, once that answers."""
    deadline = monotonic() + patience
    while True:
        lock = take_lock(folder)
        if lock is not None:
            return lock
        run = read_run(folder.run_file)
        if run is not None and run.ready and await answers(run.valkey_socket):
            return run
        if monotonic() > deadline:
            raise AttachTimeout(str(folder.path))
        await asyncio.sleep(0.02)


@asynccontextmanager
async def _owned(
    folder: DataFolder, progress: Progress, on_failure: OnFailure, options: Options
) -> AsyncIterator[Run]:
    """Start both, keep them running during the block, and stop both."""
    if (old := read_run(folder.run_file)) is not None:
        remove_sockets(old)
    run = new_run()
    supervisors: list[Supervisor] = []
    try:
        with file_errors(folder.path):
            write_run(folder.run_file, run)
            services = await _prepare(folder, run, progress, options)
            supervisors += [Supervisor(service, progress, on_failure) for service in services]
            progress("Starting PostgreSQL and Valkey.")
            await _all(supervisor.start() for supervisor in supervisors)
            await ensure_database(run)
            write_run(folder.run_file, replace(run, ready=True))
        yield run
    finally:
        folder.run_file.unlink(missing_ok=True)
        await _all(supervisor.stop() for supervisor in supervisors)
        remove_sockets(run)


async def _prepare(
    folder: DataFolder, run: Run, progress: Progress, options: Options
) -> tuple[Postgres, Valkey]:
    """Check everything that can be checked, and make the database on first use."""
    binaries = find_binaries()
    exists = cluster_exists(folder)
    if exists:
        check_cluster(folder, binaries.postgres_major)
    usual = LATER_USE_BYTES if exists else FIRST_USE_BYTES
    check_space(folder, usual if options.min_free_bytes is None else options.min_free_bytes)
    identity = await choose_identity(folder.cluster, options.as_root)
    binaries = await asyncio.to_thread(programs_for, identity, binaries, run.sockets)
    if identity.reaches_less:
        give_tree(run.sockets, identity)
    if not exists:
        progress("Making a new database; this happens once.")
        await make_cluster(folder.cluster, binaries, identity, folder.postgres_log)
    return (
        Postgres(binaries, folder.cluster, identity, run, folder.postgres_log),
        Valkey(binaries, identity, run, folder.valkey_log),
    )


async def _all(steps: Iterable[Coroutine[None, None, None]]) -> None:
    """Do the steps at once; all of them end before the first failure is raised."""
    for result in await asyncio.gather(*steps, return_exceptions=True):
        if isinstance(result, BaseException):
            raise result


def _tell(progress: Progress) -> OnFailure:
    return lambda error: progress(str(error))


def _services(run: Run, *, owner: bool) -> Services:
    return Services(run.database_url(), run.redis_url, owner)
