"""Older messages, read from a replica of PostgreSQL where one is far enough."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import count
from typing import Any, TypeVar

import asyncpg

from people.connection import Conn
from rooms.directory import store as directory
from rooms.directory.model import Room

from .database import Database
from .errors import Unavailable
from .logs import get_log
from .metrics import Metrics
from .tasks import end

REPLICA_SECONDS = 1.0
"""Longest that one reader waits for a replica before the primary is asked."""
AGAIN_SECONDS = 2.0
"""A replica that failed is asked again after this."""

Page = TypeVar("Page")


class Replica:
    """One replica: there, or away until it answers again."""

    def __init__(self, url: str, size: int, statement_cache: int) -> None:
        self._url, self._size, self._statement_cache = url, size, statement_cache
        self._failed = asyncio.Event()
        self.database: Database | None = None

    def fail(self) -> None:
        """It did not answer: nobody is to wait for it until it does."""
        self.database = None
        self._failed.set()

    async def run(self) -> None:
        """Keep connected, until cancelled."""
        while True:
            try:
                async with Database.open(
                    self._url, size=self._size, statement_cache=self._statement_cache
                ) as database:
                    self._failed.clear()
                    self.database = database
                    get_log().info("replica.up")
                    await self._failed.wait()
                get_log().warning("replica.lost")
            except (Unavailable, asyncpg.PostgresError):  # not there, or not for us, as yet
                pass
            finally:
                self.database = None
            await asyncio.sleep(AGAIN_SECONDS)


class History:
    """Where pages of older messages are read.

    What it guarantees: a page holds every message and change that the primary had committed when
    the caller read the room there. A replica replays commits in their order, and each message and
    change counts up the room's row in its own commit; so a replica whose row is as far as the
    caller's has the rest as well. One that is behind, slow or away is passed over for the primary.

    Whether somebody may read at all is the caller's to ask, of the primary.
    """

    def __init__(self, primary: Database, replicas: Sequence[Replica], metrics: Metrics) -> None:
        self._primary, self._replicas, self._metrics = primary, replicas, metrics
        self._turn = count()
        self._asking: set[asyncio.Task[Any]] = set()

    @property
    def away(self) -> int:
        """How many replicas are not there at the moment."""
        return sum(replica.database is None for replica in self._replicas)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep the replicas connected while the block runs."""
        tasks = [asyncio.create_task(replica.run()) for replica in self._replicas]
        try:
            yield
        finally:
            await end(tasks)

    async def read(self, room: Room, page: Callable[[Conn], Awaitable[Page]]) -> Page:
        """Read a page of a room. `page` may be run twice. Raises what it raises, and
        Unavailable."""
        there = [replica for replica in self._replicas if replica.database is not None]
        if there:
            found = await self._asked(there[next(self._turn) % len(there)], room, page)
            if found is not None:
                self._metrics.replica_reads.inc()
                return found
        async with self._primary.connection() as conn:
            return await page(conn)

    async def _asked(
        self, replica: Replica, room: Room, page: Callable[[Conn], Awaitable[Page]]
    ) -> Page | None:
        """The page, or nothing when the replica is behind, slow or away."""
        asking = asyncio.create_task(self._from(replica, room, page))
        self._asking.add(asking)
        asking.add_done_callback(self._end)
        try:
            done, _ = await asyncio.wait({asking}, timeout=REPLICA_SECONDS)
        finally:
            asking.cancel()  # not waited for: a replica that hangs holds up its own task only
        if not done:
            replica.fail()
            return None
        try:
            return asking.result()
        except Unavailable:
            replica.fail()
        except asyncpg.SerializationError:  # what is replayed removes what was being read
            pass
        return None

    def _end(self, asking: "asyncio.Task[Any]") -> None:
        self._asking.discard(asking)
        if not asking.cancelled():
            asking.exception()  # seen, if anybody still waits for it

    async def _from(
        self, replica: Replica, room: Room, page: Callable[[Conn], Awaitable[Page]]
    ) -> Page | None:
        """The page, or nothing when the replica is behind."""
        database = replica.database
        if database is None:
            return None
        async with database.connection() as conn:
            known = await directory.room(conn, room.id)
            if known is None or known.last_seq < room.last_seq or known.revision < room.revision:
                return None
            return await page(conn)
