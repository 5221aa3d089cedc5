"""The slice's SQL. Every function takes the connection; none commits."""

from datetime import datetime

from asyncpg import Record, UniqueViolationError

from people.connection import Conn
from people.ids import PersonId, new_uuid
from people.permissions import Principal, Role

from .errors import HandleTaken
from .model import Community, Credentials, Failures, Invitation
from .rules import handle_key

PRINCIPAL = """
       p.id, p.handle, p.suspended_at, p.presence_shown, p.typing_shown, p.language,
       ARRAY(SELECT role FROM person_roles r WHERE r.person_id = p.id) AS roles,
       ARRAY(SELECT blocked FROM blocks b WHERE b.blocker = p.id
             UNION SELECT blocker FROM blocks b WHERE b.blocked = p.id) AS blocked
"""
"""The columns of a principal, of the table `people p`; `principal_of` reads them."""
_PRINCIPAL = f"SELECT {PRINCIPAL} FROM people p "


def principal_of(row: Record) -> Principal:
    """A row with the columns PRINCIPAL."""
    return Principal(
        id=row["id"],
        handle=row["handle"],
        roles=frozenset({Role.MEMBER, *map(Role, row["roles"])}),
        suspended_at=row["suspended_at"],
        blocked=frozenset(row["blocked"]),
        presence_shown=row["presence_shown"],
        typing_shown=row["typing_shown"],
        language=row["language"],
    )


async def principal(conn: Conn, person: PersonId) -> Principal | None:
    """Somebody as the rules see them."""
    row = await conn.fetchrow(_PRINCIPAL + "WHERE p.id = $1", person)
    return principal_of(row) if row else None


async def principal_by_handle(conn: Conn, handle: str) -> Principal | None:
    """The same, found by handle."""
    row = await conn.fetchrow(_PRINCIPAL + "WHERE p.handle_key = $1", handle_key(handle))
    return principal_of(row) if row else None


async def everybody(conn: Conn) -> list[Principal]:
    """All accounts, by handle."""
    return [principal_of(row) for row in await conn.fetch(_PRINCIPAL + "ORDER BY p.handle_key")]


async def changed_lately(conn: Conn, seconds: float) -> dict[PersonId, datetime]:
    """Whose roles, settings, blocks or sessions changed in the last seconds, and when.

    Both times are the database's own, so that no other clock has a say.
    """
    rows = await conn.fetch(
        "SELECT id, changed_at FROM people"
        " WHERE changed_at >= clock_timestamp() - make_interval(secs => $1)",
        seconds,
    )
    return {row["id"]: row["changed_at"] for row in rows}


async def touch(conn: Conn, *people: PersonId) -> None:
    """Mark that something of these people changed, so that every node drops its copy."""
    await conn.execute(
        "UPDATE people SET changed_at = clock_timestamp() WHERE id = ANY($1)", list(people)
    )


async def insert_person(
    conn: Conn, handle: str, password_hash: str | None, now: datetime
) -> PersonId:
    """A new account. Raises HandleTaken."""
    person = PersonId(new_uuid())
    try:
        await conn.execute(
            "INSERT INTO people (id, handle, handle_key, password_hash, created_at)"
            " VALUES ($1, $2, $3, $4, $5)",
            person, handle, handle_key(handle), password_hash, now,
        )  # fmt: skip
    except UniqueViolationError:
        raise HandleTaken from None
    return person


async def grant(conn: Conn, person: PersonId, role: Role, now: datetime) -> None:
    """Give a role; everybody is a member already."""
    if role is not Role.MEMBER:
        await conn.execute(
            "INSERT INTO person_roles (person_id, role, granted_at) VALUES ($1, $2, $3)"
            " ON CONFLICT DO NOTHING",
            person, role, now,
        )  # fmt: skip


async def revoke(conn: Conn, person: PersonId, role: Role) -> None:
    """Take a role back."""
    await conn.execute("DELETE FROM person_roles WHERE person_id = $1 AND role = $2", person, role)


async def set_suspended(conn: Conn, person: PersonId, at: datetime | None) -> None:
    """Suspend, or lift it with None."""
    await conn.execute("UPDATE people SET suspended_at = $2 WHERE id = $1", person, at)


async def set_settings(
    conn: Conn, person: PersonId, presence: bool | None, typing: bool | None, language: str | None
) -> None:
    """Change what is not None."""
    await conn.execute(
        "UPDATE people SET presence_shown = coalesce($2, presence_shown),"
        " typing_shown = coalesce($3, typing_shown), language = coalesce($4, language),"
        " changed_at = clock_timestamp() WHERE id = $1",
        person, presence, typing, language,
    )  # fmt: skip


async def credentials(conn: Conn, handle: str) -> Credentials | None:
    """What a sign-in is checked against."""
    row = await conn.fetchrow(
        "SELECT id, password_hash FROM people WHERE handle_key = $1", handle_key(handle)
    )
    return Credentials(row["id"], row["password_hash"]) if row else None


async def has_password(conn: Conn, person: PersonId) -> bool:
    """Whether somebody has a password, or signs in by links only."""
    found: bool | None = await conn.fetchval(
        "SELECT password_hash IS NOT NULL FROM people WHERE id = $1", person
    )
    return bool(found)


async def set_password(conn: Conn, person: PersonId, password_hash: str) -> None:
    """Replace the password's hash."""
    await conn.execute("UPDATE people SET password_hash = $2 WHERE id = $1", person, password_hash)


async def failures(conn: Conn, pair: bytes, address: bytes, since: datetime) -> Failures:
    """Failed sign-ins since then."""
    row = await conn.fetchrow(
        "SELECT count(*) FILTER (WHERE subject = $1) AS pair,"
        " count(*) FILTER (WHERE subject = $2) AS address, max(at) AS last_at"
        " FROM sign_in_failures WHERE subject IN ($1, $2) AND at > $3",
        pair, address, since,
    )  # fmt: skip
    return Failures(row["pair"], row["address"], row["last_at"]) if row else Failures(0, 0, None)


async def add_failures(conn: Conn, subjects: list[bytes], now: datetime) -> None:
    """Remember a failed sign-in."""
    await conn.executemany(
        "INSERT INTO sign_in_failures (subject, at) VALUES ($1, $2)", [(s, now) for s in subjects]
    )


async def lock_failures(conn: Conn, subject: bytes) -> None:
    """Count one after the other until the transaction ends."""
    key = int.from_bytes(subject[:8], "big", signed=True)
    await conn.execute("SELECT pg_advisory_xact_lock($1)", key)


async def clear_failures(conn: Conn, pair: bytes, address: bytes, at: datetime) -> None:
    """A sign-in that succeeded forgets the pair's failures, and itself at the address."""
    await conn.execute(
        "DELETE FROM sign_in_failures WHERE subject = $1 OR (subject = $2 AND at = $3)",
        pair, address, at,
    )  # fmt: skip


async def insert_invitation(
    conn: Conn,
    code_hash: bytes,
    invitation: Invitation,
    created_by: PersonId | None,
    now: datetime,
) -> None:
    """Store an invitation by its code's hash."""
    await conn.execute(
        "INSERT INTO invitations (id, code_hash, role, created_by, created_at, expires_at)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        new_uuid(), code_hash, invitation.role, created_by, now, invitation.expires_at,
    )  # fmt: skip


async def open_invitation(conn: Conn, code_hash: bytes, now: datetime) -> Invitation | None:
    """An invitation that still works; its row stays locked until the transaction ends."""
    row = await conn.fetchrow(
        "SELECT role, expires_at FROM invitations"
        " WHERE code_hash = $1 AND accepted_at IS NULL AND expires_at > $2 FOR UPDATE",
        code_hash, now,
    )  # fmt: skip
    return Invitation(Role(row["role"]), row["expires_at"]) if row else None


async def use_invitation(conn: Conn, code_hash: bytes, by: PersonId, now: datetime) -> None:
    """Mark it used."""
    await conn.execute(
        "UPDATE invitations SET accepted_by = $2, accepted_at = $3 WHERE code_hash = $1",
        code_hash, by, now,
    )  # fmt: skip


async def insert_link(conn: Conn, code_hash: bytes, person: PersonId, expires_at: datetime) -> None:
    """Store a sign-in link by its code's hash."""
    await conn.execute(
        "INSERT INTO sign_in_links (code_hash, person_id, expires_at) VALUES ($1, $2, $3)",
        code_hash, person, expires_at,
    )  # fmt: skip


async def use_link(conn: Conn, code_hash: bytes, now: datetime) -> PersonId | None:
    """Whom the link signs in; it is gone afterwards."""
    found: PersonId | None = await conn.fetchval(
        "DELETE FROM sign_in_links WHERE code_hash = $1 AND expires_at > $2 RETURNING person_id",
        code_hash, now,
    )  # fmt: skip
    return found


def _community(row: Record) -> Community:
    return Community(row["name"], row["sample"], setup_needed=not row["set_up"])


async def community(conn: Conn) -> Community | None:
    """The one community, if it has been opened."""
    row = await conn.fetchrow("SELECT name, sample, set_up FROM community")
    return _community(row) if row else None


async def setup_hash(conn: Conn) -> bytes | None:
    """The hash of the set-up code while set-up is open; locks the row."""
    found: bytes | None = await conn.fetchval("SELECT setup_hash FROM community FOR UPDATE")
    return found


async def open_community(conn: Conn, name: str, *, sample: bool, now: datetime) -> Community:
    """The one community; opened if there is none yet. The row stays locked until the commit, so
    that of several servers that start at once only one opens it."""
    await conn.execute(
        "INSERT INTO community (name, sample, created_at) VALUES ($1, $2, $3)"
        " ON CONFLICT DO NOTHING",
        name, sample, now,
    )  # fmt: skip
    rows = await conn.fetch("SELECT name, sample, set_up FROM community FOR UPDATE")
    return _community(rows[0])


async def put_setup_hash(conn: Conn, setup_hash: bytes) -> None:
    """The code that set-up asks for."""
    await conn.execute("UPDATE community SET setup_hash = $1", setup_hash)


async def finish_setup(conn: Conn, name: str) -> None:
    """Set-up is done, for good."""
    await conn.execute("UPDATE community SET name = $1, set_up = true, setup_hash = NULL", name)


async def set_url(conn: Conn, url: str) -> None:
    """Remember where the community is reached."""
    await conn.execute("UPDATE community SET url = $1", url)


async def get_url(conn: Conn) -> str:
    """Where the community was last reached; empty before it was served."""
    found: str | None = await conn.fetchval("SELECT url FROM community")
    return found or ""


async def purge(conn: Conn, failures_before: datetime, now: datetime) -> None:
    """Delete what has run out."""
    await conn.execute("DELETE FROM sign_in_failures WHERE at < $1", failures_before)
    await conn.execute("DELETE FROM sign_in_links WHERE expires_at < $1", now)
    await conn.execute("DELETE FROM invitations WHERE expires_at < $1 AND accepted_at IS NULL", now)
