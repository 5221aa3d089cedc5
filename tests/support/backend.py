"""One private PostgreSQL and Valkey for all tests of this process, emptied between tests."""

import asyncio
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
from redis import asyncio as aioredis

from chatserver import migrations
from chatserver.embedded import embedded_services
from chatserver.services import Addresses


@contextmanager
def backend() -> Iterator[Addresses]:
    """Both services, run by a thread of their own so that every test may have its own loop."""
    folder = Path(tempfile.mkdtemp(prefix="chat-test-"))
    found: list[Addresses] = []
    failed: list[BaseException] = []
    ready = threading.Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def hold() -> None:
        async with embedded_services(folder / "data", progress=lambda _line: None) as services:
            await _migrate(services.database_url)
            # Nothing here is about power cuts, so commits need not wait for the disk.
            url = services.database_url + "&synchronous_commit=off"
            found.append(Addresses(url, services.redis_url))
            ready.set()
            await stop.wait()

    def main() -> None:
        try:
            loop.run_until_complete(hold())
        except BaseException as error:  # noqa: BLE001 - raised again in the test's own thread
            failed.append(error)
            ready.set()

    thread = threading.Thread(target=main, name="backend")
    thread.start()
    try:
        ready.wait()
        if failed:
            raise failed[0]
        yield found[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        shutil.rmtree(folder, ignore_errors=True)


async def _migrate(url: str) -> None:
    conn = await asyncpg.connect(url)
    try:
        await migrations.migrate(conn)
    finally:
        await conn.close()


FIRST = ("messages", "rooms", "people")
"""In this order nothing that is deleted is still pointed at; the rest may go in any."""


async def empty(addresses: Addresses) -> None:
    """A clean start: no rows, no keys. DELETE is faster than TRUNCATE on small tables."""
    conn = await asyncpg.connect(addresses.database_url)
    try:
        rows = await conn.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        rest = {row[0] for row in rows} - {"schema_migrations", *FIRST}
        tables = (*FIRST, *sorted(rest))
        await conn.execute(";".join(f'DELETE FROM "{name}"' for name in tables))  # noqa: S608 - names of our own tables
    finally:
        await conn.close()
    redis = aioredis.from_url(addresses.redis_url)
    await redis.flushall()
    await redis.aclose()
