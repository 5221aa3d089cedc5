"""`chatserver serve` where it cannot: one clear sentence, a code that is not 0, nothing damaged."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import socket
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import asyncpg
import pytest

from tests.faults.conftest import Template
from tests.faults.harness import Cluster, copy_template, start_holder
from tests.faults.server import COMMAND, environment, free_port, tied
from tests.integration.embedded.processes import none_left, services_of

REFUSAL_SECONDS = 30.0
NOWHERE = {"DATABASE_URL": "postgresql://127.0.0.1:1/chat", "REDIS_URL": "redis://127.0.0.1:1"}
NEWER = "INSERT INTO schema_migrations (name, checksum) VALUES ('9999_newer.sql', '')"


async def refused(
    data_dir: Path,
    given: Mapping[str, str] = {},
    *,
    port: int = 0,
    before: Sequence[str] = (),
) -> str:
    """Serve, and be refused; the sentence."""
    process = await asyncio.create_subprocess_exec(
        *tied([*before, COMMAND, "serve", *(["--port", str(port)] if port else [])]),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=data_dir.parent,
        env=environment(data_dir, **{"CHATSERVER_PORT": str(free_port()), **given}),
    )
    async with asyncio.timeout(REFUSAL_SECONDS):
        out, errors = await process.communicate()
    said = errors.decode()
    assert process.returncode == 1, (process.returncode, said)
    assert not out
    assert "Traceback" not in said
    sentence = said.splitlines()[-1]
    assert sentence.startswith("chatserver: ")
    assert said.count("chatserver: ") == 1
    return sentence


def picture(folder: Path) -> dict[str, str]:
    """Every file below a folder, with a digest of what it holds."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def used(template: Template, tmp_path: Path) -> Iterator[Path]:
    """A data folder that has been in use."""
    copy_template(template[0], tmp_path / "data")
    yield tmp_path / "data"
    shutil.rmtree(tmp_path / "data")


async def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert "listens on this port already" in await refused(tmp_path / "data", port=port)
    assert not (tmp_path / "data").exists()


async def test_a_database_of_a_newer_version(used: Path) -> None:
    owner = await start_holder(used)
    url = (await owner.until("services"))["database_url"]
    connection = await asyncpg.connect(url)
    await connection.execute(NEWER)
    before = await connection.fetch("SELECT * FROM schema_migrations ORDER BY name")
    assert "newer version" in await refused(used, {**NOWHERE, "DATABASE_URL": url})
    assert await connection.fetch("SELECT * FROM schema_migrations ORDER BY name") == before
    await connection.close()
    await owner.stop()
    assert "newer version" in await refused(used)  # and with services of its own, which end
    await none_left(used, url, 1)


async def test_a_folder_of_another_major_version(used: Path) -> None:
    (used / "postgres" / "PG_VERSION").write_text("15\n")
    before = picture(used / "postgres")
    assert "another major version" in await refused(used)
    assert picture(used / "postgres") == before


@pytest.mark.parametrize("lost", ["PG_VERSION", "global/pg_control"])
async def test_a_folder_that_is_broken(used: Path, lost: str) -> None:
    (used / "postgres" / lost).unlink()
    before = picture(used / "postgres")
    assert "incomplete or damaged" in await refused(used)
    assert picture(used / "postgres") == before
    assert not services_of(used)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
@pytest.mark.parametrize("size", ["60m", "20m"])
async def test_a_disk_that_is_full(used: Path, tmp_path: Path, size: str) -> None:
    """60 MB hold the database and nothing more; with 20 MB it is the first start."""
    disk = tmp_path / "disk"
    disk.mkdir()
    copy = 'cp -a "$from/postgres" "$to" &&' if size == "60m" else ""
    same = 'diff -r "$from/postgres" "$to/postgres" ||' if copy else '[ ! -e "$to/postgres" ] ||'
    script = (
        f'from={used} to={disk}; mount -t tmpfs -o size={size} none "$to" && {copy} '
        f'"$@"; code=$?; {same} exit 99; exit $code'
    )
    before = ["/usr/bin/unshare", "--mount", "sh", "-c", script, "sh"]
    assert "too little free disk space" in await refused(disk, before=before)


SETTINGS = (
    ({"CHATSERVER_PORT": "eighty"}, "The setting port is not usable"),
    ({"REDIS_URL": "localhost:6379"}, "it is to begin with redis://"),
    ({"CHATSERVER_CONFIG": "absent.toml"}, "absent.toml: there is no such file"),
    ({"CHATSERVER_CONFIG": "wrong.toml"}, "wrong.toml: Invalid value"),
    ({"CHATSERVER_CONFIG": "unknown.toml"}, "The setting prot is not usable"),
    ({"CHATSERVER_HOST": "203.0.113.1"}, "cannot listen on the given address"),
    (NOWHERE, "is DATABASE_URL right? ([Errno 111]"),
)


async def test_settings_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "wrong.toml").write_text("port = [")
    (tmp_path / "unknown.toml").write_text("prot = 8080")
    said = await asyncio.gather(*(refused(tmp_path / "data", given) for given, _ in SETTINGS))
    for sentence, (_, expected) in zip(said, SETTINGS, strict=True):
        assert expected in sentence
    assert not (tmp_path / "data").exists()


async def test_what_the_services_refuse(still: Cluster) -> None:
    await still.start(nodes=0)
    url = still.database_url
    good = {"DATABASE_URL": url, "REDIS_URL": still.redis_url}
    wrong = (
        ({"DATABASE_URL": url.replace("///chat", "///other")}, 'database "other" does not exist'),
        ({"DATABASE_URL": url.replace("user=chat", "user=x")}, 'role "x" does not exist'),
        ({"CHATSERVER_COMMUNITY_KEYS": "nonsense"}, "A community key is 32 bytes in base64"),
        ({"CHATSERVER_COMMUNITY_KEY_FILE": "/proc/no/key"}, "No such file or directory: /proc/no"),
    )
    said = await asyncio.gather(*(refused(still.data_dir, good | bad) for bad, _ in wrong))
    for sentence, (_, expected) in zip(said, wrong, strict=True):
        assert expected in sentence
