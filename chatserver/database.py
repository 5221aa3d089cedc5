"""PostgreSQL: the pool, transactions, and how its absence reads to everybody else."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import asyncpg

from people.connection import Conn

from .errors import InvalidRequest, Unavailable
from .logs import get_log

ACQUIRE_SECONDS = 8.0
"""Longest wait for a connection: a crowd that comes at once stands in line, it is not refused."""
STATEMENT_SECONDS = 8
LOCK_SECONDS = 2
"""Longest wait for a row that somebody else holds."""
IDLE_SECONDS = 10
"""A node that freezes in a transaction gives its row locks back after this."""

_LOST = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection that breaks off in the middle of an answer
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.LockNotAvailableError,
    asyncpg.DeadlockDetectedError,
    asyncpg.IdleInTransactionSessionTimeoutError,
)


Unit = Callable[[], AbstractAsyncContextManager[Conn]]
"""Opens one use of a connection that is held for several."""


class Database:
    """A pool of connections. Whatever says "PostgreSQL is not there" becomes Unavailable, and a
    text that it cannot hold (one with a NUL) InvalidRequest."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", limits: str = "") -> None:
        self._pool, self._limits = pool, limits

    @classmethod
    @asynccontextmanager
    async def open(
        cls, url: str, *, size: int = 16, statement_cache: int = 256
    ) -> AsyncIterator["Database"]:
        """Connect. Raises Unavailable.

        Without a statement cache it is taken that a pooler in transaction mode stands between: it
        passes no limits on and may give each transaction another connection. So everything then
        happens in a transaction, which begins by setting its limits.
        """
        pooled = statement_cache == 0
        async with _translated():
            pool = await asyncpg.create_pool(
                url,
                min_size=1,
                max_size=size,
                timeout=5,
                command_timeout=STATEMENT_SECONDS + 2,
                statement_cache_size=statement_cache,
                reset=_as_it_is,
                server_settings=_SESSION if pooled else {**_SESSION, **_LIMITS},
            )
        limits = "; ".join(f"SET LOCAL {name} = '{value}'" for name, value in _LIMITS.items())
        try:
            yield cls(pool, limits if pooled else "")
        finally:
            pool.terminate()

    @asynccontextmanager
    async def units(self) -> AsyncIterator[Unit]:
        """One connection for several uses one after the other; what each has written is committed
        when its own block has ended, and not before. Raises Unavailable."""
        async with _translated(), self._pool.acquire(timeout=ACQUIRE_SECONDS) as conn:
            yield lambda: self._unit(conn)

    @asynccontextmanager
    async def _unit(self, conn: Conn) -> AsyncIterator[Conn]:
        if not self._limits:
            yield conn
            return
        async with conn.transaction():
            await conn.execute(self._limits)
            yield conn

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Conn]:
        """A connection, outside a transaction where it can be. Raises Unavailable."""
        async with self.units() as unit, unit() as conn:
            yield conn

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Conn]:
        """A connection in a transaction, committed when the block ends well.

        Raises Unavailable; the transaction may have been committed all the same, so whatever is
        done here must bear being done again.
        """
        async with self.connection() as conn:
            if self._limits:
                yield conn
                return
            async with conn.transaction():
                yield conn


_SESSION = {"application_name": "chatserver", "timezone": "UTC"}
_LIMITS = {
    "statement_timeout": f"{STATEMENT_SECONDS}s",
    "lock_timeout": f"{LOCK_SECONDS}s",
    "idle_in_transaction_session_timeout": f"{IDLE_SECONDS}s",
}


async def _as_it_is(_conn: object) -> None:
    """Nothing here changes a session beyond its transaction, so nothing is to be reset. asyncpg's
    own way asks the database once more after each use: a fifth of what a message costs it."""


@asynccontextmanager
async def _translated() -> AsyncIterator[None]:
    try:
        yield
    except _LOST as error:
        _note(error)
        raise Unavailable(retry_after=1.0) from error
    except asyncpg.CharacterNotInRepertoireError:
        raise InvalidRequest("A text holds a character that cannot be stored.") from None


_noted = 0.0


def _note(error: BaseException) -> None:
    """Say in the log what kind of failure it was, at most once a second."""
    global _noted  # noqa: PLW0603 - one clock for the process is what bounds its log
    if time.monotonic() - _noted >= 1:
        _noted = time.monotonic()
        get_log().warning("database.unavailable", error=type(error).__name__)
