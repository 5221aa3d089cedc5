"""The slice's SQL. Every function takes the connection; none commits."""

import json
from collections.abc import Sequence
from datetime import datetime

from people.connection import Conn
from people.ids import new_uuid
from rooms.chat.screen import Flag, Place


async def insert(
    conn: Conn, place: Place, flags: Sequence[Flag], version: str, now: datetime
) -> None:
    """Store a message's flags."""
    await conn.executemany(
        "INSERT INTO flags (id, room_id, seq, message_id, author_id, category, severity,"
        " reasons, screen_version, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        [
            (
                new_uuid(), place.room, place.seq, place.message, place.author,
                flag.category, flag.severity, json.dumps(flag.reasons), version, now,
            )
            for flag in flags
        ],
    )  # fmt: skip
