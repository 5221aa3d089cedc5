"""Making the chat database inside the private PostgreSQL."""

from __future__ import annotations

import asyncpg

from chatserver.embedded.cluster import SUPERUSER
from chatserver.embedded.errors import StartFailed
from chatserver.embedded.runfile import DATABASE, Run

_PATIENCE = 30.0


async def ensure_database(run: Run) -> None:
    """Make the role and the database unless they exist; each step can be done again.

    The role may create databases (tests copy one), and nothing else.

    Raises:
        StartFailed: PostgreSQL refuses.
    """
    try:
        url = run.database_url(SUPERUSER, SUPERUSER)
        connection = await asyncpg.connect(url, timeout=_PATIENCE)
        try:
            await _ensure(connection)
        finally:
            await connection.close()
    except (asyncpg.PostgresError, OSError, TimeoutError) as error:
        raise StartFailed(f"making the database {DATABASE}: {error}") from error


async def _ensure(connection: asyncpg.Connection) -> None:
    if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", DATABASE):
        await connection.execute(f"CREATE ROLE {DATABASE} LOGIN CREATEDB")
    if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE):
        await connection.execute(f"CREATE DATABASE {DATABASE} OWNER {DATABASE}")
