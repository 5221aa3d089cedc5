"""Two nodes behind a real PgBouncer that gives each transaction another connection."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import asyncpg
import pytest

from chatserver.app import prepare_database
from chatserver.database import IDLE_SECONDS, LOCK_SECONDS, STATEMENT_SECONDS
from chatserver.embedded.identity import choose_identity, give_tree, launch_command
from chatserver.services import Addresses
from chatserver.settings import Settings
from tests.support.world import World, until

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
PORT = 6432

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="pgbouncer is not installed here")


@asynccontextmanager
async def pooler(database_url: str) -> AsyncIterator[str]:
    """A PgBouncer in front of a new and empty database; the URL through it."""
    folder = Path(tempfile.mkdtemp(prefix="chat-pool-"))
    to = {name: value for name, (value,) in parse_qs(urlsplit(database_url).query).items()}
    (folder / "pgbouncer.ini").write_text(
        "[databases]\n"
        f"pooled = host={to['host']} port={to['port']} user={to['user']}\n"
        "[pgbouncer]\n"
        "pool_mode = transaction\n"
        "default_pool_size = 3\n"
        "auth_type = any\n"
        f"listen_port = {PORT}\n"
        f"unix_socket_dir = {folder}\n"
    )
    identity = await choose_identity(folder / "none")
    if identity.reaches_less:
        give_tree(folder, identity)
    direct = await asyncpg.connect(database_url)
    await direct.execute("CREATE DATABASE pooled")
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *launch_command(
                identity, signal.SIGKILL, [str(PROGRAM), str(folder / "pgbouncer.ini")]
            ),
            stdout=log,
            stderr=log,
        )
    try:
        await until((folder / f".s.PGSQL.{PORT}").exists)
        yield f"postgresql:///pooled?host={quote(str(folder), safe='')}&port={PORT}&user=somebody"
    finally:
        process.kill()
        await process.wait()
        await direct.execute("DROP DATABASE pooled WITH (FORCE)")
        await direct.close()
        shutil.rmtree(folder)


@pytest.fixture
async def pooled(addresses: Addresses, tmp_path: Path) -> AsyncIterator[World]:
    """A community behind the pooler, its tables made through it by two nodes at once."""
    async with pooler(addresses.database_url) as url, AsyncExitStack() as stack:
        world = World(Addresses(url, addresses.redis_url), tmp_path, stack)
        world.settings["statement_cache"] = 0
        settings = Settings(statement_cache=0)
        made = await asyncio.gather(*(prepare_database(settings, url) for _ in range(2)))
        assert sorted(map(bool, made)) == [False, True], "one of them has made the tables"
        yield world


async def test_everything_works_behind_a_pooler(pooled: World) -> None:
    robin, kim = await pooled.person("robin"), await pooled.person("kim")
    rooms = [await pooled.room(f"Room {n}", robin, kim) for n in range(4)]
    one, two = await pooled.node(), await pooled.node()
    here, there = await pooled.client(one, robin), await pooled.client(two, kim)
    for room in rooms:
        for client in (here, there):
            await client.do("room:join", room=room)
    # More at once than the pooler has connections, over and over.
    said = [f"message {n}" for n in range(60)]
    answers = await asyncio.gather(
        *(
            client.say(rooms[n % 4], text)
            for n, text in enumerate(said)
            for client in ((here, there)[n % 2],)
        ),
        *(client.do("room:list") for client in (here, there) for _ in range(10)),
    )
    for client in (here, there):
        await client.until(lambda client: len(client.texts()) >= 60)
        assert sorted(map(str, client.texts())) == sorted(said)
    first = answers[0]["seq"]
    await here.do("message:edit", room=rooms[0], seq=first, text="better")
    await there.until(lambda kim: kim.heard("message:changed"))
    page = await there.do("message:before", room=rooms[0], before=16, limit=50)
    assert len(page["messages"]) == 15
    assert "better" in [message["text"] for message in page["messages"]]


async def test_what_is_acknowledged_is_committed(pooled: World) -> None:
    robin = await pooled.person("robin")
    room = await pooled.room("Room", robin)
    client = await pooled.client(await pooled.node(), robin)

    async def say_and_look() -> None:
        said = await client.say(room, "hello")
        assert await pooled.rows("SELECT 1 FROM messages WHERE id = $1::uuid", said["id"])

    await asyncio.gather(*(say_and_look() for _ in range(40)))


async def test_each_transaction_brings_its_limits_with_it(pooled: World) -> None:
    database = await pooled.database()
    for way_in in (database.connection, database.transaction):
        async with way_in() as conn:
            found = [
                await conn.fetchval("SELECT setting::int FROM pg_settings WHERE name = $1", name)
                for name in (
                    "statement_timeout",
                    "lock_timeout",
                    "idle_in_transaction_session_timeout",
                )
            ]
        assert found == [STATEMENT_SECONDS * 1000, LOCK_SECONDS * 1000, IDLE_SECONDS * 1000]
