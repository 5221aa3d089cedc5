"""The slice's SQL. Every function takes the connection; none commits."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from people.connection import Conn
from people.ids import PersonId
from rooms.ids import MessageId, RoomId

from .model import Author, Sent, State, Stored

_READ = """
SELECT m.seq, m.id, m.author_id, p.handle, m.at, m.state, m.body, m.reply_to, m.edited_at,
       m.revision,
       (SELECT array_agg(x.reaction ORDER BY x.reaction, x.person_id) FROM reactions x
        WHERE x.room_id = m.room_id AND x.seq = m.seq) AS reactions,
       (SELECT array_agg(x.person_id ORDER BY x.reaction, x.person_id) FROM reactions x
        WHERE x.room_id = m.room_id AND x.seq = m.seq) AS reactors
FROM messages m JOIN people p ON p.id = m.author_id
WHERE m.room_id = $1
"""

_SERVED = " AND ($2::timestamptz IS NULL OR m.at > $2)"


def _stored(room: RoomId, row: Record) -> Stored:
    reactions: dict[str, list[PersonId]] = {}
    for reaction, person in zip(row["reactions"] or (), row["reactors"] or (), strict=True):
        reactions.setdefault(reaction, []).append(person)
    return Stored(
        room=room,
        seq=row["seq"],
        id=row["id"],
        author=Author(row["author_id"], row["handle"]),
        at=row["at"],
        state=State(row["state"]),
        body=row["body"],
        reply_to=row["reply_to"],
        edited_at=row["edited_at"],
        revision=row["revision"],
        reactions=reactions,
    )


_INSERT = """
WITH incoming AS (
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::timestamptz[],
                         $6::text[], $7::bytea[], $8::bigint[]) WITH ORDINALITY
        AS t (room_id, id, author_id, key, at, state, body, reply_to, n)
), locked AS (
    SELECT id, last_seq, agreements, agreements_version FROM rooms
    WHERE id = ANY($1) ORDER BY id FOR UPDATE
), accepted AS (
    SELECT i.*, r.last_seq + row_number() OVER (PARTITION BY i.room_id ORDER BY i.n) AS seq
    FROM incoming i
    JOIN locked r ON r.id = i.room_id
    JOIN memberships m ON m.room_id = i.room_id AND m.person_id = i.author_id
    JOIN people p ON p.id = i.author_id
    WHERE m.relation IN ('room_member', 'facilitator') AND p.suspended_at IS NULL
      AND (r.agreements = '' OR m.agreed_version >= r.agreements_version)
      AND (i.reply_to IS NULL OR i.reply_to <= r.last_seq)
      AND NOT EXISTS (SELECT 1 FROM messages x WHERE x.room_id = i.room_id
                      AND x.author_id = i.author_id AND x.key = i.key)
), counted AS (
    UPDATE rooms r SET last_seq = c.last
    FROM (SELECT room_id, max(seq) AS last FROM accepted GROUP BY room_id) c
    WHERE r.id = c.room_id
)
INSERT INTO messages (room_id, seq, id, author_id, key, at, state, body, reply_to)
SELECT room_id, seq, id, author_id, key, at, state, body, reply_to FROM accepted
RETURNING id, seq
"""


async def insert(conn: Conn, messages: Sequence[tuple[Stored, UUID]]) -> dict[MessageId, int]:
    """Store messages with their keys, each at the next place of its room's order, in one
    statement. The `seq` of each that was stored.

    Membership, agreements, suspension and the message replied to are checked by the statement
    itself, on the locked rows of the rooms: no cache can let a message in. One that does not
    pass, or whose key was used, is left out and holds nobody else up. Raises
    UniqueViolationError when another node stored one of the keys at the same moment.
    """
    columns = [
        (m.room, m.id, m.author.id, key, m.at, m.state, m.body, m.reply_to) for m, key in messages
    ]
    rows = await conn.fetch(_INSERT, *map(list, zip(*columns, strict=True)))
    return {row["id"]: row["seq"] for row in rows}


async def by_key(conn: Conn, room: RoomId, author: PersonId, key: UUID) -> Sent | None:
    """The answer that this key was given."""
    row = await conn.fetchrow(
        "SELECT seq, id, at, state FROM messages"
        " WHERE room_id = $1 AND author_id = $2 AND key = $3",
        room, author, key,
    )  # fmt: skip
    return Sent(row["seq"], row["id"], row["at"], row["state"] == State.HELD) if row else None


async def one(conn: Conn, room: RoomId, seq: int, cutoff: datetime | None) -> Stored | None:
    """One message, unless it is past the room's age limit."""
    row = await conn.fetchrow(_READ + _SERVED + " AND m.seq = $3", room, cutoff, seq)
    return _stored(room, row) if row else None


async def since(
    conn: Conn, room: RoomId, after: int, limit: int, cutoff: datetime | None
) -> list[Stored]:
    """The messages after a place, oldest first."""
    rows = await conn.fetch(
        _READ + _SERVED + " AND m.seq > $3 ORDER BY m.seq LIMIT $4", room, cutoff, after, limit
    )
    return [_stored(room, row) for row in rows]


async def before(
    conn: Conn, room: RoomId, before: int, limit: int, cutoff: datetime | None
) -> list[Stored]:
    """The messages just before a place, oldest first."""
    rows = await conn.fetch(
        _READ + _SERVED + " AND m.seq < $3 ORDER BY m.seq DESC LIMIT $4",
        room, cutoff, before, limit,
    )  # fmt: skip
    return [_stored(room, row) for row in reversed(rows)]


async def changed(
    conn: Conn, room: RoomId, revision: int, up_to: int, limit: int, cutoff: datetime | None
) -> list[Stored]:
    """The messages up to a place that changed after a revision, in the order of the changes."""
    rows = await conn.fetch(
        _READ + _SERVED + " AND m.revision > $3 AND m.revision > 0 AND m.seq <= $4"
        " ORDER BY m.revision LIMIT $5",
        room, cutoff, revision, up_to, limit,
    )  # fmt: skip
    return [_stored(room, row) for row in rows]


async def next_revision(conn: Conn, room: RoomId) -> int:
    """Lock the room's row and count one more change."""
    found: int = await conn.fetchval(
        "UPDATE rooms SET revision = revision + 1 WHERE id = $1 RETURNING revision", room
    )
    return found


async def alter(conn: Conn, message: Stored) -> None:
    """Write a message's new body, state, edit time and revision."""
    await conn.execute(
        "UPDATE messages SET body = $3, state = $4, edited_at = $5, revision = $6"
        " WHERE room_id = $1 AND seq = $2",
        message.room, message.seq, message.body, message.state, message.edited_at,
        message.revision,
    )  # fmt: skip


async def set_reaction(
    conn: Conn, room: RoomId, seq: int, person: PersonId, reaction: str, on: bool
) -> bool:
    """Add a reaction or take it back; whether anything changed."""
    done = await conn.execute(
        "INSERT INTO reactions (room_id, seq, person_id, reaction) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT DO NOTHING"
        if on
        else "DELETE FROM reactions WHERE room_id = $1 AND seq = $2 AND person_id = $3"
        " AND reaction = $4",
        room, seq, person, reaction,
    )  # fmt: skip
    return done.endswith(" 1")


async def positions(conn: Conn, rooms: list[RoomId]) -> dict[RoomId, tuple[int, int, int]]:
    """Where each room stands: `last_seq`, `revision`, `members_version`."""
    rows = await conn.fetch(
        "SELECT id, last_seq, revision, members_version FROM rooms WHERE id = ANY($1)", rooms
    )
    return {row["id"]: (row["last_seq"], row["revision"], row["members_version"]) for row in rows}


async def purge(conn: Conn, now: datetime, limit: int) -> int:
    """Delete up to `limit` messages past their room's age limit; how many were deleted."""
    done = await conn.execute(
        "DELETE FROM messages WHERE (room_id, seq) IN (SELECT m.room_id, m.seq FROM messages m"
        " JOIN rooms r ON r.id = m.room_id WHERE r.expires_after_days IS NOT NULL"
        " AND m.at <= $1::timestamptz - make_interval(days => r.expires_after_days) LIMIT $2)",
        now, limit,
    )  # fmt: skip
    return int(done.removeprefix("DELETE "))
