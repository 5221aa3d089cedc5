"""The slice's SQL. Every function takes the connection; none commits."""

from people.connection import Conn
from rooms.ids import RoomId

from .model import WrappedKey


async def lock_rooms(conn: Conn) -> None:
    """Wait for every writer of a room, and let no other begin until the commit."""
    await conn.execute("LOCK TABLE rooms IN SHARE ROW EXCLUSIVE MODE")


async def wrapped_by_others(conn: Conn, key_id: str) -> list[tuple[RoomId, WrappedKey]]:
    """Rooms whose key is wrapped by another community key; the rows stay locked."""
    rows = await conn.fetch(
        "SELECT id, key_id, wrapped_key FROM rooms WHERE key_id <> $1 FOR UPDATE", key_id
    )
    return [(row["id"], WrappedKey(row["key_id"], row["wrapped_key"])) for row in rows]


async def replace(conn: Conn, room: RoomId, stored: WrappedKey) -> None:
    """Store a room's key wrapped anew."""
    await conn.execute(
        "UPDATE rooms SET key_id = $2, wrapped_key = $3 WHERE id = $1",
        room, stored.key_id, stored.wrapped,
    )  # fmt: skip
