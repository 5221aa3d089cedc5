"""How much PostgreSQL has written to its log, which is what reaches disks and replicas."""

import asyncio
from pathlib import Path

import asyncpg

from chatserver.embedded.folder import DataFolder
from chatserver.embedded.runfile import read_run


def written(data: Path) -> int:
    """Bytes so far, whole pages after a checkpoint included; 0 when nothing runs there."""
    run = read_run(DataFolder(data).run_file)
    return asyncio.run(_position(run.database_url())) if run else 0


async def _position(url: str) -> int:
    connection = await asyncpg.connect(url, timeout=10)
    try:
        return int(await connection.fetchval("SELECT pg_current_wal_insert_lsn() - '0/0'"))
    finally:
        await connection.close()
