"""Fixtures of all tests: one backend per test process, a clean world per test."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from chatserver.services import Addresses
from tests.support.backend import backend, empty
from tests.support.javascript import JavaScript, run_javascript
from tests.support.world import World


@pytest.fixture(scope="session")
def addresses() -> Iterator[Addresses]:
    """A real PostgreSQL and a real Valkey."""
    with backend() as found:
        yield found


@pytest.fixture
async def world(addresses: Addresses, tmp_path: Path) -> AsyncIterator[World]:
    """An empty community, on emptied services."""
    await empty(addresses)
    stack = AsyncExitStack()
    try:
        yield World(addresses, tmp_path, stack)
    finally:
        await _end(stack)


@pytest.fixture
async def javascript() -> AsyncIterator[JavaScript]:
    """The official JavaScript client."""
    async with run_javascript() as process:
        yield process


async def _end(stack: AsyncExitStack) -> None:
    """End everything; if that hangs, say where."""
    ending = asyncio.create_task(stack.aclose())
    done, _ = await asyncio.wait({ending}, timeout=20)
    if not done:
        for task in asyncio.all_tasks():
            task.print_stack()
        ending.cancel()
        pytest.fail("a server or a client of the test did not end")
    await ending
