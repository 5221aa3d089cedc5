"""The one place where everything is put together and run."""

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import asyncpg
from aiohttp import web

from people.accounts import service as accounts
from people.refusal import Kind, Refusal
from rooms.vault.service import Vault

from . import migrations
from .clock import Clock, system_clock
from .database import Database
from .errors import Unavailable
from .freshness import SWEEP_SECONDS
from .http.app import add_web_client, build_app
from .http.static import WebClient
from .keys import keyring_loader
from .logs import get_log
from .node import Node, build_node
from .services import Addresses
from .settings import Settings
from .socket.session import Sockets
from .tasks import end
from .workers import every, work

BEAT_SECONDS = 1.0
"""How often it is looked up which clients are to be asked whether they are there."""


class PortInUse(Refusal):
    """Another program listens on this port already. Stop it, or choose another port."""

    code = "port_in_use"
    kind = Kind.CONFLICT


class AddressRefused(Refusal):
    """This machine cannot listen on the given address and port."""

    code = "address_refused"


class DatabaseUnusable(Refusal):
    """The database does not answer, or not to this server; is DATABASE_URL right?"""

    code = "database_unusable"
    kind = Kind.UNAVAILABLE


WAITING = 4096
"""Connections that may wait for this process to take them; the system allows no more as a rule. Who
finds no place tries again after 1, 3, 7 and 15 seconds, so a crowd needs room to stand in."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises PortInUse, AddressRefused."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=WAITING)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortInUse from None
        raise AddressRefused from None


async def prepare_database(settings: Settings, url: str) -> list[str]:
    """Bring the database up to date, or refuse one that this version cannot use; the names of
    the migrations that were applied.

    Raises DatabaseTooNew, MigrationChanged, DatabaseNotMigrated, DatabaseUnusable.
    """
    try:
        async with (
            Database.open(url, size=2, statement_cache=settings.statement_cache) as database,
            database.connection() as conn,
        ):
            if settings.migrate_on_start:
                return await migrations.migrate(conn)
            await migrations.check(conn)
            return []
    except (Unavailable, asyncpg.PostgresError) as error:
        raise DatabaseUnusable(reason=str(error.__cause__ or error)) from error


async def first_run(database: Database, clock: Clock) -> str | None:
    """For a community that has no admin yet: a fresh code for the set-up page."""
    async with database.transaction() as conn:
        return await accounts.open_setup(conn, clock())


@asynccontextmanager
async def running(
    settings: Settings,
    addresses: Addresses,
    listener: socket.socket,
    clock: Clock = system_clock,
) -> AsyncIterator[Node]:
    """A server that serves while the block runs, and then lets go of everything in order."""
    vault = Vault(keyring_loader(settings))
    async with Database.open(
        addresses.database_url,
        size=settings.database_pool,
        statement_cache=settings.statement_cache,
    ) as database:
        node = build_node(settings, database, addresses.redis_url, vault, clock)
        sockets = Sockets(node)
        app = build_app(node)
        sockets.attach(app)
        add_web_client(app, WebClient())
        runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=2)
        await runner.setup()
        async with node.history.running(), _background(node, sockets):
            await web.SockSite(runner, listener, backlog=WAITING).start()
            get_log().info("serving", node=str(node.id), port=settings.port)
            try:
                yield node
            finally:
                await _stop(node, sockets, runner)


@asynccontextmanager
async def _background(node: Node, sockets: Sockets) -> AsyncIterator[None]:
    node.bus.start()
    tasks = [
        asyncio.create_task(every(SWEEP_SECONDS, "sweep", node.freshness.sweep)),
        asyncio.create_task(every(BEAT_SECONDS, "heartbeat", sockets.gateway.beat)),
        asyncio.create_task(
            every(node.settings.presence_repeat_seconds, "presence", _repeat(node))
        ),
    ]
    if node.settings.run_worker:
        tasks.append(asyncio.create_task(work(node.database, node.clock)))
    try:
        yield
    finally:
        await end(tasks)
        await node.bus.stop()


def _repeat(node: Node) -> Callable[[], "asyncio.Future[None]"]:
    async def repeat() -> None:
        node.presence.repeat()

    return lambda: asyncio.ensure_future(repeat())


async def _stop(node: Node, sockets: Sockets, runner: web.AppRunner) -> None:
    """Accept nothing new, tell clients to come back, finish what is under way, then leave."""
    get_log().info("stopping", node=str(node.id))
    for site in list(runner.sites):
        await site.stop()
    node.presence.farewell()
    await sockets.stop()
    await node.writer.stop(node.settings.shutdown_seconds)
    await node.fanout.stop()
    await runner.cleanup()
