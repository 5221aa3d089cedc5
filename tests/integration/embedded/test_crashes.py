"""The private services when processes die: each comes back, and nothing is lost or left over."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from redis import asyncio as aioredis

from chatserver.embedded import EmbeddedError, embedded_services
from chatserver.embedded.binaries import find_binaries
from chatserver.embedded.errors import FolderInUse, KeepsFailing
from chatserver.embedded.identity import choose_identity, launch_command
from chatserver.embedded.supervisor import LIMIT
from tests.integration.embedded.processes import (
    StartOwner,
    eventually,
    none_left,
    pid_of,
    query,
    services_of,
    strike,
)

COUNT = "SELECT count(*) FROM kept"


def silent(_line: str) -> None:
    pass


async def fill(database_url: str) -> None:
    await query(
        database_url,
        "CREATE TABLE kept (n int)",
        "INSERT INTO kept SELECT generate_series(1, 1000)",
    )


async def answers(database_url: str) -> bool:
    try:
        return bool(await query(database_url, COUNT) == 1000)
    except (OSError, asyncpg.PostgresError):
        return False


@contextlib.asynccontextmanager
async def busy(database_url: str) -> AsyncIterator[int]:
    """A session that works without a pause, and so does not notice what happens around it."""
    connection = await asyncpg.connect(database_url)
    work = asyncio.create_task(
        connection.fetchval("SELECT count(*) FROM generate_series(1, 10000000000)")
    )
    try:
        yield await query(
            database_url, "SELECT pid FROM pg_stat_activity WHERE query LIKE '%10000000000)'"
        )
    finally:
        work.cancel()
        await asyncio.wait([work])
        connection.terminate()


async def test_postgres_comes_back_where_it_was(tmp_path: Path) -> None:
    said: list[str] = []
    async with embedded_services(tmp_path, progress=said.append) as services:
        await fill(services.database_url)
        async with busy(services.database_url):
            first = pid_of(tmp_path, services.database_url, "postgres")
            helpers = set(services_of(tmp_path)) - {first}
            strike(first)
            await eventually(lambda: answers(services.database_url), 5)
            assert not helpers & set(services_of(tmp_path))
    assert said[-2:] == ["PostgreSQL ended unexpectedly (signal 9).", "PostgreSQL runs again."]


async def test_a_dying_session_takes_no_rows_with_it(tmp_path: Path) -> None:
    async with embedded_services(tmp_path, progress=silent) as services:
        await fill(services.database_url)
        async with busy(services.database_url) as session:
            strike(session)
            await eventually(lambda: answers(services.database_url), 5)


async def test_valkey_comes_back_where_it_was(tmp_path: Path) -> None:
    async with embedded_services(tmp_path, progress=silent) as services:
        client = aioredis.from_url(services.redis_url)

        async def pings() -> bool:
            try:
                return bool(await client.ping())
            except (OSError, aioredis.ConnectionError):
                return False

        first = pid_of(tmp_path, services.database_url, "valkey")
        strike(first)
        await eventually(pings, 5)
        await client.aclose()
        assert pid_of(tmp_path, services.database_url, "valkey") != first


async def test_a_service_that_keeps_dying_is_given_up(tmp_path: Path) -> None:
    given_up: asyncio.Queue[EmbeddedError] = asyncio.Queue()
    async with embedded_services(
        tmp_path, progress=silent, on_failure=given_up.put_nowait
    ) as services:
        last = 0

        async def another() -> bool:
            """True once a new process is there to be struck."""
            nonlocal last
            with contextlib.suppress(AssertionError):
                found = pid_of(tmp_path, services.database_url, "valkey")
                found, last = (found != last), found
                return found
            return False

        for _ in range(LIMIT):
            await eventually(another, 5)
            strike(last)
        async with asyncio.timeout(5):
            error = await given_up.get()
        assert isinstance(error, KeepsFailing)
        assert error.detail.startswith("Valkey")


@pytest.mark.parametrize("as_root", ["namespace", "nobody"])
async def test_the_services_end_with_their_owner(
    tmp_path: Path, start_owner: StartOwner, as_root: str
) -> None:
    options = ["--as-root", as_root]
    owner = await start_owner(tmp_path, *options)
    url = (await owner.until("services"))["database_url"]
    await fill(url)
    async with busy(url):
        await owner.kill()
        await none_left(tmp_path, url, 2)
    again = await start_owner(tmp_path, *options)
    services = await again.until("services")
    assert services["owner"]
    assert await query(services["database_url"], COUNT) == 1000
    await again.stop()


async def test_the_next_start_ends_what_lost_both_its_parents(
    tmp_path: Path, start_owner: StartOwner
) -> None:
    owner = await start_owner(tmp_path)
    url = (await owner.until("services"))["database_url"]
    await fill(url)
    async with busy(url) as session:
        postmaster = pid_of(tmp_path, url, "postgres")
        os.kill(owner.process.pid, signal.SIGSTOP)  # or it would start PostgreSQL again
        strike(postmaster)
        await owner.kill()
        assert session in services_of(tmp_path)
        async with embedded_services(tmp_path, progress=silent) as services:
            assert session not in services_of(tmp_path)
            assert await query(services.database_url, COUNT) == 1000


async def test_a_first_start_that_is_killed_half_way_is_done_again(
    tmp_path: Path, start_owner: StartOwner
) -> None:
    owner = await start_owner(tmp_path)

    async def half_way() -> bool:
        return any(tmp_path.glob(".postgres-incomplete-*/base/1/*"))

    await eventually(half_way, 20)
    await owner.kill()
    assert not (tmp_path / "postgres").exists()
    async with embedded_services(tmp_path, progress=silent) as services:
        assert await query(services.database_url, "SELECT 1") == 1
    assert not list(tmp_path.glob(".postgres-incomplete-*"))


async def test_a_number_that_passed_to_another_process_blocks_nothing(tmp_path: Path) -> None:
    async with embedded_services(tmp_path, progress=silent):
        pass
    (tmp_path / "postgres" / "postmaster.pid").write_text(f"{os.getppid()}\n{tmp_path}\n")
    async with embedded_services(tmp_path, progress=silent) as services:
        assert await query(services.database_url, "SELECT 1") == 1


async def test_a_postgres_that_somebody_else_started_is_left_alone(tmp_path: Path) -> None:
    async with embedded_services(tmp_path, progress=silent):
        pass
    cluster = tmp_path / "postgres"
    identity = await choose_identity(cluster)
    other = await asyncio.create_subprocess_exec(
        *launch_command(
            identity,
            signal.SIGKILL,
            [str(find_binaries().postgres), "-D", str(cluster), "-h", "", "-k", str(tmp_path)],
        ),
        stderr=asyncio.subprocess.DEVNULL,
    )

    async def running() -> bool:
        return (cluster / "postmaster.pid").exists()

    await eventually(running, 10)
    with pytest.raises(FolderInUse):
        async with embedded_services(tmp_path, progress=silent):
            pass
    assert other.returncode is None
    other.terminate()
    await other.wait()
