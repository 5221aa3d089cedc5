"""Clusters to break, from a data folder that is made once."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from tests.faults.harness import Cluster, Community, copy_template, make_template
from tests.support.world import until

Template = tuple[Path, Community]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    """A data folder with a sample community of ten people."""
    folder = tmp_path_factory.mktemp("template") / "data"
    yield folder, asyncio.run(make_template(folder, people=10, rooms=16))
    shutil.rmtree(folder)


@asynccontextmanager
async def standing(template: Template, folder: Path) -> AsyncIterator[Cluster]:
    """A cluster that is not started yet; no process of it outlives the block."""
    copy_template(template[0], folder / "data")
    cluster = Cluster(folder, template[1])
    try:
        yield cluster
    finally:
        await cluster.stop()
    await until(lambda: not cluster.running(), 5)
    shutil.rmtree(cluster.data_dir)


@pytest.fixture
async def still(template: Template, tmp_path: Path) -> AsyncIterator[Cluster]:
    """A cluster that a test starts for itself."""
    async with standing(template, tmp_path) as cluster:
        yield cluster


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(
    template: Template, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Cluster]:
    """One cluster for the tests of a module, because starting it takes longest."""
    async with standing(template, tmp_path_factory.mktemp("shared")) as cluster:
        yield cluster


@pytest_asyncio.fixture(loop_scope="module")
async def cluster(shared: Cluster) -> AsyncIterator[Cluster]:
    """Services and two nodes, all running; afterwards nothing runs that nobody looks after."""
    await shared.mend()
    yield shared
    await until(lambda: not shared.strays(), 5)
