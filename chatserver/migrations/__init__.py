"""Numbered SQL files, applied once each, in order: all that are pending, or none."""

import hashlib
from dataclasses import dataclass
from importlib.resources import files

from people.connection import Conn
from people.refusal import Kind, Refusal

_LOCK = 0x63686174
"""Advisory lock: of several nodes that start at once, one migrates and the others wait."""


class DatabaseTooNew(Refusal):
    """This data was written by a newer version of the server. Please run that version."""

    code = "database_too_new"
    kind = Kind.UNAVAILABLE


class MigrationChanged(Refusal):
    """The database was set up by other migrations than this version has. Please restore a backup
    or install the version that wrote it."""

    code = "migration_changed"
    kind = Kind.UNAVAILABLE


class DatabaseNotMigrated(Refusal):
    """The database is older than this version. Please run: chatserver migrate."""

    code = "database_not_migrated"
    kind = Kind.UNAVAILABLE


@dataclass(frozen=True, slots=True)
class Migration:
    """One file."""

    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """What tells that an applied file was changed afterwards."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def known() -> list[Migration]:
    """The migrations of this version, in order."""
    found = [f for f in files(__name__).iterdir() if f.name.endswith(".sql")]
    return [Migration(f.name, f.read_text("utf-8")) for f in sorted(found, key=lambda f: f.name)]


async def pending(conn: Conn) -> list[Migration]:
    """What has not been applied yet. Raises DatabaseTooNew, MigrationChanged."""
    there = await conn.fetchval("SELECT to_regclass('schema_migrations') IS NOT NULL")
    rows = await conn.fetch("SELECT name, checksum FROM schema_migrations") if there else []
    applied = {row["name"]: row["checksum"] for row in rows}
    migrations = known()
    if applied.keys() - {m.name for m in migrations}:
        raise DatabaseTooNew
    if any(applied.get(m.name, m.checksum) != m.checksum for m in migrations):
        raise MigrationChanged
    return [m for m in migrations if m.name not in applied]


async def check(conn: Conn) -> None:
    """Raises DatabaseNotMigrated, DatabaseTooNew, MigrationChanged."""
    if await pending(conn):
        raise DatabaseNotMigrated


async def migrate(conn: Conn) -> list[str]:
    """Apply what is pending; the names of what was applied. Raises as `pending` does.

    In one transaction, whose end also ends the lock: a pooler in between may give the next
    statement after it to another connection.
    """
    async with conn.transaction():
        await conn.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
        todo = await pending(conn)
        for migration in todo:
            await _apply(conn, migration)
        return [m.name for m in todo]


async def _apply(conn: Conn, migration: Migration) -> None:
    await conn.execute("SET LOCAL statement_timeout = 0")
    await conn.execute(
        "CREATE TABLE IF NOT EXISTS schema_migrations (name text PRIMARY KEY,"
        " checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
    )
    await conn.execute(migration.sql)
    await conn.execute(
        "INSERT INTO schema_migrations (name, checksum) VALUES ($1, $2)",
        migration.name, migration.checksum,
    )  # fmt: skip
