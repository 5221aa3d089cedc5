"""The slice's SQL. Every function takes the connection; none commits."""

from datetime import datetime

from asyncpg import ForeignKeyViolationError

from people.connection import Conn
from people.ids import PersonId

from .errors import BlockUnknown
from .model import Blocked


async def insert(conn: Conn, blocker: PersonId, blocked: PersonId, now: datetime) -> None:
    """Raises BlockUnknown."""
    try:
        await conn.execute(
            "INSERT INTO blocks (blocker, blocked, created_at) VALUES ($1, $2, $3)"
            " ON CONFLICT DO NOTHING",
            blocker, blocked, now,
        )  # fmt: skip
    except ForeignKeyViolationError:
        raise BlockUnknown from None


async def delete(conn: Conn, blocker: PersonId, blocked: PersonId) -> None:
    """Lift a block, if there is one."""
    await conn.execute("DELETE FROM blocks WHERE blocker = $1 AND blocked = $2", blocker, blocked)


async def of_person(conn: Conn, blocker: PersonId) -> list[Blocked]:
    """Whom somebody has blocked, by handle."""
    rows = await conn.fetch(
        "SELECT p.id, p.handle FROM blocks b JOIN people p ON p.id = b.blocked"
        " WHERE b.blocker = $1 ORDER BY p.handle_key",
        blocker,
    )
    return [Blocked(row["id"], row["handle"]) for row in rows]
