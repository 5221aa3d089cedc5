"""The type of a database connection, as stores take it."""

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from asyncpg import Connection, Record
    from asyncpg.pool import PoolConnectionProxy

Conn: TypeAlias = "Connection[Record] | PoolConnectionProxy[Record]"
"""An asyncpg connection, or a pool's loan of one."""
