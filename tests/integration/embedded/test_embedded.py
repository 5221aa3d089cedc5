"""The private PostgreSQL and Valkey in fair weather: start, keep, attach, stop."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from redis import asyncio as aioredis

from chatserver.embedded import Options, Services, embedded_services
from chatserver.embedded.errors import AttachTimeout
from chatserver.embedded.folder import open_folder, take_lock
from chatserver.settings import Settings
from tests.integration.embedded.processes import StartOwner, none_left, query, services_of


def silent(_line: str) -> None:
    pass


async def ping(redis_url: str) -> bool:
    client = aioredis.from_url(redis_url)
    try:
        return bool(await client.ping())
    finally:
        await client.aclose()


async def test_first_start_makes_a_database_and_says_so(tmp_path: Path) -> None:
    said: list[str] = []
    async with embedded_services(tmp_path / "data", progress=said.append) as services:
        assert services.owner
        assert await query(services.database_url, "SELECT current_database()") == "chat"
        assert await ping(services.redis_url)
    assert said == [
        "Making a new database; this happens once.",
        "Starting PostgreSQL and Valkey.",
    ]


async def test_data_is_kept_from_one_start_to_the_next(tmp_path: Path) -> None:
    async with embedded_services(tmp_path, progress=silent) as services:
        await query(services.database_url, "CREATE TABLE kept (n int)", "INSERT INTO kept SELECT 7")
    said: list[str] = []
    async with embedded_services(tmp_path, progress=said.append) as services:
        assert await query(services.database_url, "SELECT n FROM kept") == 7
    assert said == ["Starting PostgreSQL and Valkey."]


async def test_clean_stop_leaves_nothing_behind(tmp_path: Path) -> None:
    async with embedded_services(tmp_path, progress=silent) as services:
        sockets = Path(services.redis_url.removeprefix("unix://")).parent
        assert sockets.stat().st_mode & 0o777 == 0o700
        assert services_of(tmp_path, services.database_url)
    assert not services_of(tmp_path, services.database_url)
    assert not sockets.exists()
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"lock", "postgres", "postgres.log", "valkey.log"}
    assert not (tmp_path / "postgres" / "postmaster.pid").exists()


async def test_an_exception_in_the_block_stops_the_services_too(tmp_path: Path) -> None:
    found: list[Services] = []

    async def fail_inside() -> None:
        async with embedded_services(tmp_path, progress=silent) as services:
            found.append(services)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_inside()
    assert not services_of(tmp_path, found[0].database_url)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("fsync", "on"),
        ("data_checksums", "on"),
        ("listen_addresses", ""),
        ("server_encoding", "UTF8"),
        ("TimeZone", "UTC"),
        ("is_superuser", "off"),
    ],
)
async def test_postgres_is_set_up_for_us(shared_url: str, setting: str, value: str) -> None:
    assert await query(shared_url, f"SHOW {setting}") == value


async def test_several_nodes_fit_into_it(shared_url: str) -> None:
    pool = Settings.model_fields["database_pool"].default
    assert int(str(await query(shared_url, "SHOW max_connections"))) >= 9 * pool + 16


async def test_what_members_write_does_not_reach_the_log(tmp_path: Path) -> None:
    async with embedded_services(tmp_path, progress=silent) as services:
        for statement in (
            "SELECT 'i want to use again'::int",
            "i want to use again",
            "SELECT ('{' || repeat('i want to use again', 2) || '}')::json",
        ):
            with pytest.raises(Exception, match=r"again|syntax|json"):
                await query(services.database_url, statement)
    assert "want to use" not in (tmp_path / "postgres.log").read_text()


async def test_a_second_process_attaches_to_the_first(
    tmp_path: Path, start_owner: StartOwner
) -> None:
    owner = await start_owner(tmp_path)
    first = await owner.until("services")
    async with embedded_services(tmp_path, progress=silent) as services:
        assert not services.owner
        assert services.database_url == first["database_url"]
        assert services.redis_url == first["redis_url"]
        await query(services.database_url, "CREATE TABLE shared (n int)")
    assert await query(first["database_url"], "SELECT count(*) FROM shared") == 0
    assert await owner.stop() == 0
    await none_left(tmp_path, first["database_url"], 1)


async def test_two_that_start_at_once_share_one_database(
    tmp_path: Path, start_owner: StartOwner
) -> None:
    owners = [await start_owner(tmp_path) for _ in range(2)]
    found = await asyncio.gather(*(owner.until("services") for owner in owners))
    assert sorted(services["owner"] for services in found) == [False, True]
    assert len({services["database_url"] for services in found}) == 1
    for owner in owners:
        await owner.stop()


async def test_the_next_in_line_takes_over_a_folder_that_became_free(tmp_path: Path) -> None:
    lock = take_lock(open_folder(tmp_path))
    assert lock is not None
    waiting = asyncio.create_task(_owns(tmp_path))
    await asyncio.sleep(0)  # it has looked once, and found the folder taken
    os.close(lock)
    assert await waiting


async def _owns(data_dir: Path) -> bool:
    async with embedded_services(data_dir, progress=silent) as services:
        return services.owner


async def test_attaching_ends_when_the_owner_never_gets_ready(tmp_path: Path) -> None:
    lock = take_lock(open_folder(tmp_path))
    assert lock is not None
    with pytest.raises(AttachTimeout):
        async with embedded_services(
            tmp_path, progress=silent, options=Options(attach_patience=0.1)
        ):
            pass
    os.close(lock)


async def test_any_path_will_do(tmp_path: Path) -> None:
    data_dir = tmp_path / 'Ann\'s data = 100% & "ours" é' / ("long" * 40)
    async with embedded_services(data_dir, progress=silent) as services:
        assert await query(services.database_url, "SELECT 1") == 1
        assert await ping(services.redis_url)


async def test_a_long_temporary_folder_is_passed_over(
    tmp_path: Path, start_owner: StartOwner, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("t" * 100)
    long.mkdir()
    monkeypatch.setenv("TMPDIR", str(long))
    services = await (await start_owner(tmp_path / "data")).until("services")
    assert services["redis_url"].startswith("unix:///tmp/")
