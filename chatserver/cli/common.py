"""What the commands share: running against the database, and saying what happens."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

import click

from chatserver.app import prepare_database
from chatserver.bus import Bus
from chatserver.clock import system_clock
from chatserver.database import Database
from chatserver.keys import keyring_loader
from chatserver.logs import set_up_logs
from chatserver.metrics import Metrics
from chatserver.publisher import Happened, hint_of
from chatserver.services import services
from chatserver.settings import Settings
from people.accounts import store as accounts_store
from people.ids import new_uuid
from rooms.vault.service import Vault

T = TypeVar("T")


def progress(line: str) -> None:
    """Say what happens, on standard error: standard output is for answers."""
    click.echo(line, err=True)


def quiet(_line: str) -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True)
class Tool:
    """What a command works with."""

    settings: Settings
    database: Database
    vault: Vault
    redis_url: str

    async def url(self) -> str:
        """Where people reach the community: as set, or where a server last served it."""
        if self.settings.public_url:
            return self.settings.url
        async with self.database.connection() as conn:
            return await accounts_store.get_url(conn) or self.settings.url

    async def publish(self, events: list[Happened]) -> None:
        """Hint running nodes at what changed; they would find it themselves a second later."""
        bus = Bus(
            self.redis_url, new_uuid(), Metrics(), receive=lambda _hint: None, up=lambda: None
        )
        for event in events:
            bus.publish(*hint_of(event))
        await bus.flush()


@asynccontextmanager
async def tool(settings: Settings) -> AsyncIterator[Tool]:
    """The database, of a running server or started for this command."""
    async with services(settings, quiet) as addresses:
        await prepare_database(settings, addresses.database_url)
        vault = Vault(keyring_loader(settings))
        async with Database.open(
            addresses.database_url, size=2, statement_cache=settings.statement_cache
        ) as database:
            yield Tool(settings, database, vault, addresses.redis_url)


def run(command: Callable[[Tool], Awaitable[T]]) -> T:
    """Run a command against the database."""
    settings = Settings()
    set_up_logs("error")

    async def go() -> T:
        async with tool(settings) as found:
            return await command(found)

    return asyncio.run(go())


now = system_clock
