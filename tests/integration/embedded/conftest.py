"""What the tests of the private services share."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.integration.embedded.processes import OWNER, ROOT, Owner, StartOwner


@pytest.fixture
async def start_owner() -> AsyncIterator[StartOwner]:
    """Starts an owner; what the test leaves of them is ended."""
    owners: list[Owner] = []

    async def start(data_dir: Path, *options: str, before: tuple[str, ...] = ()) -> Owner:
        process = await asyncio.create_subprocess_exec(
            *before,
            *(sys.executable, str(OWNER), str(data_dir), *options),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        owners.append(Owner(process))
        return owners[-1]

    yield start
    for owner in owners:
        if owner.process.returncode is None:
            await owner.stop()


@pytest.fixture
def open_dir() -> Iterator[Path]:
    """A folder that every user may enter and write to, which pytest's own folders are not."""
    path = Path(tempfile.mkdtemp(prefix="open-"))
    path.chmod(0o777)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def shared_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One database for the tests of a module that only look."""
    data_dir = tmp_path_factory.mktemp("shared")
    command = [sys.executable, str(OWNER), str(data_dir)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    ) as owner:
        assert owner.stdout is not None
        lines = (json.loads(line) for line in owner.stdout)
        yield next(line["services"]["database_url"] for line in lines if "services" in line)
        owner.communicate(timeout=30)
