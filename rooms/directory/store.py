"""The slice's SQL. Every function takes the connection; none commits."""

from datetime import datetime

from asyncpg import Record

from people.connection import Conn
from people.ids import PersonId
from people.permissions import Principal, Relation
from rooms.ids import RoomId
from rooms.vault.model import WrappedKey

from .model import Access, Change, Draft, Listed, Member, Room, Standing

_ROOM = (
    "r.id, r.name, r.topic, r.access, r.agreements, r.agreements_version, r.capacity,"
    " r.expires_after_days, r.key_id, r.wrapped_key, r.last_seq, r.revision, r.members_version"
)
_INSIDE = "('room_member', 'facilitator')"


def _room(row: Record) -> Room:
    return Room(
        id=row["id"],
        name=row["name"],
        topic=row["topic"],
        access=Access(row["access"]),
        agreements=row["agreements"],
        agreements_version=row["agreements_version"],
        capacity=row["capacity"],
        expires_after_days=row["expires_after_days"],
        key=WrappedKey(row["key_id"], row["wrapped_key"]),
        last_seq=row["last_seq"],
        revision=row["revision"],
        members_version=row["members_version"],
    )


def _standing(who: Principal, row: Record) -> Standing:
    relation = Relation(row["relation"]) if row["relation"] else Relation.OUTSIDER
    return Standing(who, _room(row), relation, row["agreed_version"] or 0, row["read_seq"] or 0)


async def room(conn: Conn, room_id: RoomId) -> Room | None:
    """A room by its id."""
    row = await conn.fetchrow(f"SELECT {_ROOM} FROM rooms r WHERE r.id = $1", room_id)
    return _room(row) if row else None


async def all_rooms(conn: Conn) -> list[tuple[Room, int]]:
    """Every room with its number of members, by name."""
    rows = await conn.fetch(
        f"SELECT {_ROOM}, (SELECT count(*) FROM memberships m WHERE m.room_id = r.id"
        f" AND m.relation IN {_INSIDE}) AS members FROM rooms r ORDER BY r.name, r.id"
    )
    return [(_room(row), row["members"]) for row in rows]


async def standing(
    conn: Conn, who: Principal, room_id: RoomId, *, lock: bool = False
) -> Standing | None:
    """Where somebody stands; with `lock` the room's row stays locked until the commit."""
    row = await conn.fetchrow(
        f"SELECT {_ROOM}, m.relation, m.agreed_version, m.read_seq FROM rooms r"
        " LEFT JOIN memberships m ON m.room_id = r.id AND m.person_id = $2 WHERE r.id = $1"
        + (" FOR UPDATE OF r" if lock else ""),
        room_id, who.id,
    )  # fmt: skip
    return _standing(who, row) if row else None


async def listed(conn: Conn, who: Principal) -> list[Listed]:
    """The rooms that somebody is in or may find, own ones first, then by name."""
    rows = await conn.fetch(
        f"SELECT {_ROOM}, m.relation, m.agreed_version, m.read_seq,"
        " (SELECT count(*) FROM memberships x WHERE x.room_id = r.id"
        f"  AND x.relation IN {_INSIDE}) AS members"
        " FROM rooms r LEFT JOIN memberships m ON m.room_id = r.id AND m.person_id = $1"
        " WHERE r.access <> 'hidden' OR m.relation IS NOT NULL"
        f" ORDER BY coalesce(m.relation IN {_INSIDE}, false) DESC, r.name, r.id",
        who.id,
    )
    return [Listed(_standing(who, row), row["members"]) for row in rows]


async def count_members(conn: Conn, room_id: RoomId) -> int:
    """How many are in."""
    found: int = await conn.fetchval(
        f"SELECT count(*) FROM memberships WHERE room_id = $1 AND relation IN {_INSIDE}", room_id
    )
    return found


async def members(conn: Conn, room_id: RoomId) -> list[Member]:
    """Who is in, facilitators first."""
    rows = await conn.fetch(
        "SELECT p.id, p.handle, m.relation = 'facilitator' AS facilitator FROM memberships m"
        f" JOIN people p ON p.id = m.person_id WHERE m.room_id = $1 AND m.relation IN {_INSIDE}"
        " ORDER BY facilitator DESC, p.handle_key",
        room_id,
    )
    return [Member(row["id"], row["handle"], row["facilitator"]) for row in rows]


async def count_facilitators(conn: Conn, room_id: RoomId) -> int:
    """How many facilitate the room."""
    found: int = await conn.fetchval(
        "SELECT count(*) FROM memberships WHERE room_id = $1 AND relation = 'facilitator'",
        room_id,
    )
    return found


async def insert(conn: Conn, room_id: RoomId, draft: Draft, key: WrappedKey, now: datetime) -> None:
    """A new room."""
    await conn.execute(
        "INSERT INTO rooms (id, name, topic, access, agreements, capacity, expires_after_days,"
        " key_id, wrapped_key, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        room_id, draft.name, draft.topic, draft.access, draft.agreements, draft.capacity,
        draft.expires_after_days, key.key_id, key.wrapped, now,
    )  # fmt: skip


async def update(conn: Conn, room_id: RoomId, change: Change) -> None:
    """Change what is not None; new agreements get a new version."""
    await conn.execute(
        "UPDATE rooms SET name = coalesce($2, name), topic = coalesce($3, topic),"
        " access = coalesce($4, access), agreements_version = agreements_version"
        " + (coalesce($5, agreements) <> agreements)::int, agreements = coalesce($5, agreements),"
        " capacity = coalesce($6, capacity),"
        " expires_after_days = nullif(coalesce($7, expires_after_days), 0),"
        " members_version = members_version + 1 WHERE id = $1",
        room_id, change.name, change.topic, change.access, change.agreements, change.capacity,
        change.expires_after_days,
    )  # fmt: skip


async def put_membership(
    conn: Conn,
    room_id: RoomId,
    person: PersonId,
    relation: Relation,
    agreed_version: int,
    now: datetime,
) -> None:
    """Invite somebody, let them in, or change their part. What was agreed is never lost."""
    await conn.execute(
        "INSERT INTO memberships (room_id, person_id, relation, agreed_version, read_seq, since)"
        " VALUES ($1, $2, $3, $4, 0, $5) ON CONFLICT (room_id, person_id) DO UPDATE SET"
        " relation = $3, agreed_version = greatest(memberships.agreed_version, $4)",
        room_id, person, relation, agreed_version, now,
    )  # fmt: skip
    await _bump(conn, room_id)


async def add_members(
    conn: Conn, room_id: RoomId, people: list[PersonId], relation: Relation, now: datetime
) -> None:
    """Let many in at once, as having accepted the agreements; who is in already stays so."""
    await conn.execute(
        "INSERT INTO memberships (room_id, person_id, relation, agreed_version, since)"
        " SELECT r.id, p, $3, r.agreements_version, $4 FROM rooms r, unnest($2::uuid[]) AS p"
        " WHERE r.id = $1 ON CONFLICT DO NOTHING",
        room_id, people, relation, now,
    )  # fmt: skip
    await _bump(conn, room_id)


async def delete_membership(conn: Conn, room_id: RoomId, person: PersonId) -> None:
    """Somebody is no longer in."""
    await conn.execute(
        "DELETE FROM memberships WHERE room_id = $1 AND person_id = $2", room_id, person
    )
    await _bump(conn, room_id)


async def _bump(conn: Conn, room_id: RoomId) -> None:
    await conn.execute(
        "UPDATE rooms SET members_version = members_version + 1 WHERE id = $1", room_id
    )


async def mark_read(conn: Conn, room_id: RoomId, person: PersonId, seq: int) -> int:
    """Move the read mark forward, never past the last message; where it stands now."""
    found: int | None = await conn.fetchval(
        "UPDATE memberships m SET read_seq = greatest(m.read_seq, least($3, r.last_seq))"
        " FROM rooms r WHERE r.id = m.room_id AND m.room_id = $1 AND m.person_id = $2"
        " RETURNING m.read_seq",
        room_id, person, seq,
    )  # fmt: skip
    return found or 0


async def relations(
    conn: Conn, room_id: RoomId, people: list[PersonId]
) -> dict[PersonId, tuple[Relation, int, int]]:
    """Of these people, those with a membership: relation, version agreed to, read mark."""
    rows = await conn.fetch(
        "SELECT person_id, relation, agreed_version, read_seq FROM memberships"
        " WHERE room_id = $1 AND person_id = ANY($2)",
        room_id, people,
    )  # fmt: skip
    return {
        row["person_id"]: (Relation(row["relation"]), row["agreed_version"], row["read_seq"])
        for row in rows
    }
