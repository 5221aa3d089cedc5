"""The slice's SQL. Every function takes the connection; none commits."""

from datetime import datetime

from asyncpg import Record

from people.accounts.store import PRINCIPAL, principal_of
from people.connection import Conn
from people.ids import PersonId, SessionId
from people.permissions import Principal

from .model import Session

_COLUMNS = "id, person_id, device, created_at, last_seen_at, expires_at"


def _session(row: Record, key: str = "id") -> Session:
    return Session(
        row[key],
        row["person_id"],
        row["device"],
        row["created_at"],
        row["last_seen_at"],
        row["expires_at"],
    )


async def insert(conn: Conn, session: Session, token_hash: bytes) -> None:
    """Store a session by its token's hash."""
    await conn.execute(
        f"INSERT INTO sessions ({_COLUMNS}, token_hash) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        session.id, session.person, session.device, session.created_at,
        session.last_seen_at, session.expires_at, token_hash,
    )  # fmt: skip


_BY_TOKEN = f"""
SELECT s.id AS session_id, s.person_id, s.device, s.created_at, s.last_seen_at, s.expires_at,
       {PRINCIPAL}
FROM sessions s JOIN people p ON p.id = s.person_id WHERE s.token_hash = $1
"""


async def by_token(conn: Conn, token_hash: bytes) -> tuple[Session, Principal] | None:
    """The session that a token stands for, live or not, and whose it is."""
    row = await conn.fetchrow(_BY_TOKEN, token_hash)
    if row is None:
        return None
    return _session(row, "session_id"), principal_of(row)


async def of_person(conn: Conn, person: PersonId, now: datetime) -> list[Session]:
    """Where somebody is signed in, the latest used first."""
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM sessions WHERE person_id = $1 AND expires_at > $2"
        " ORDER BY last_seen_at DESC",
        person, now,
    )  # fmt: skip
    return [_session(row) for row in rows]


async def seen(conn: Conn, session: SessionId, now: datetime, expires_at: datetime) -> None:
    """Write down a use."""
    await conn.execute(
        "UPDATE sessions SET last_seen_at = $2, expires_at = $3 WHERE id = $1",
        session, now, expires_at,
    )  # fmt: skip


async def delete(conn: Conn, person: PersonId, session: SessionId) -> bool:
    """End one; whether there was one."""
    done = await conn.execute(
        "DELETE FROM sessions WHERE id = $1 AND person_id = $2", session, person
    )
    return done == "DELETE 1"


async def delete_all(conn: Conn, person: PersonId, but: SessionId | None) -> None:
    """End all, or all but one."""
    await conn.execute(
        "DELETE FROM sessions WHERE person_id = $1 AND id IS DISTINCT FROM $2", person, but
    )


async def purge(conn: Conn, now: datetime) -> None:
    """Delete what has run out; whose it was is marked as changed, so that connections end too."""
    await conn.execute(
        "WITH gone AS (DELETE FROM sessions WHERE expires_at < $1 RETURNING person_id)"
        " UPDATE people SET changed_at = clock_timestamp()"
        " WHERE id IN (SELECT person_id FROM gone)",
        now,
    )
