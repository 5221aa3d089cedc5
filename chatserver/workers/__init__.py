"""Background work. Any node may do it, several at once do no harm."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from chatserver.clock import Clock
from chatserver.database import Database
from chatserver.logs import get_log
from people.accounts import store as accounts
from people.accounts.rules import FAILURE_WINDOW
from people.refusal import Refusal
from people.sessions import store as sessions
from rooms.chat import store as chat

PURGE_SECONDS = 60.0
PURGE_BATCH = 1000
"""Messages deleted in one statement: small enough not to hold anybody up."""


async def purge(database: Database, now: datetime) -> int:
    """Delete what has run out: messages past their room's age limit, sessions, links, old failed
    sign-ins. How many messages went. Raises Unavailable."""
    async with database.transaction() as conn:
        await sessions.purge(conn, now)
        await accounts.purge(conn, now - FAILURE_WINDOW, now)
    total = 0
    while True:
        async with database.connection() as conn:
            gone = await chat.purge(conn, now, PURGE_BATCH)
        total += gone
        if gone < PURGE_BATCH:
            return total


async def every(seconds: float, name: str, work: Callable[[], Awaitable[object]]) -> None:
    """Do something again and again, through every failure, until cancelled."""
    while True:
        try:
            await work()
        except Refusal as refusal:
            get_log().warning("worker.later", worker=name, code=refusal.code)
        except Exception as error:  # noqa: BLE001 - one failure must not end the work for good
            get_log().error("worker.failed", worker=name, exc_info=error)
        await asyncio.sleep(seconds)


async def work(database: Database, clock: Clock) -> None:
    """All background work, until cancelled."""
    await every(PURGE_SECONDS, "purge", lambda: purge(database, clock()))
