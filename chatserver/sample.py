"""A made-up community to try things in. It never touches a community that is not a sample."""

from dataclasses import dataclass
from datetime import datetime

from people.accounts import service as accounts
from people.accounts import store as accounts_store
from people.connection import Conn
from people.ids import PersonId
from people.permissions import Relation, Role
from people.refusal import Kind, Refusal
from people.sessions import service as sessions
from rooms.directory import service as directory
from rooms.directory import store as directory_store
from rooms.directory.model import Draft
from rooms.ids import RoomId
from rooms.vault.service import Vault


class NotASample(Refusal):
    """This is not a sample community; nothing in it was changed."""

    code = "not_a_sample"
    kind = Kind.CONFLICT


@dataclass(frozen=True, slots=True)
class SamplePerson:
    """Somebody made up, with a token to sign in by."""

    handle: str
    role: Role
    token: str


@dataclass(frozen=True, slots=True)
class SampleRoom:
    """A made-up room and who is in it."""

    id: RoomId
    name: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """The sample community."""

    people: tuple[SamplePerson, ...]
    rooms: tuple[SampleRoom, ...]


NAMED = (
    ("robin", Role.MEMBER),
    ("sol", Role.MEMBER),
    ("alma", Role.PEER),
    ("kit", Role.MODERATOR),
    ("noor", Role.ADMIN),
)
"""One of each, and a second member to talk with."""

ROOMS = (
    Draft(
        "The Kitchen Table",
        "Come as you are. Tea is on, day and night.",
        agreements=(
            "What is said here stays here.\n"
            "We speak from our own experience and do not give advice unasked.\n"
            "Everybody is welcome at any point of their way."
        ),
    ),
    Draft("First Thirty Days", "For the early days, one at a time.", capacity=300),
    Draft("Night Owls", "Awake when others sleep.", expires_after_days=7),
)


async def require_sample(conn: Conn, now: datetime) -> None:
    """Open a sample community in an empty database, or find one. Raises NotASample."""
    if not await accounts.open_sample(conn, "A Sample Community", now):
        raise NotASample


async def _people(conn: Conn, count: int, now: datetime) -> dict[str, tuple[PersonId, Role]]:
    wanted = [*NAMED, *((f"member{n:04d}", Role.MEMBER) for n in range(len(NAMED) + 1, count + 1))]
    known = {who.handle: who for who in await accounts_store.everybody(conn)}
    people = {}
    for handle, role in wanted:
        there = known.get(handle)
        person = there.id if there else await accounts.create_person(conn, handle, None, role, now)
        people[handle] = (person, role)
    return people


async def _rooms(
    conn: Conn, count: int, handles: dict[str, tuple[PersonId, Role]], vault: Vault, now: datetime
) -> list[SampleRoom]:
    drafts = [*ROOMS, *(Draft(f"Room {n}") for n in range(len(ROOMS) + 1, count + 1))][:count]
    known = {room.name: room.id for room, _ in await directory_store.all_rooms(conn)}
    found = []
    for draft in drafts:
        capacity = max(draft.capacity, len(handles) + 100)
        room = known.get(draft.name) or await directory.create(
            conn, None, _with_capacity(draft, capacity), vault, now
        )
        await _fill(conn, room, handles, now)
        found.append(SampleRoom(room, draft.name, tuple(handles)))
    return found


def _with_capacity(draft: Draft, capacity: int) -> Draft:
    return Draft(
        draft.name,
        draft.topic,
        draft.access,
        draft.agreements,
        min(capacity, 10_000),
        draft.expires_after_days,
    )


async def _fill(
    conn: Conn, room: RoomId, handles: dict[str, tuple[PersonId, Role]], now: datetime
) -> None:
    for part, is_part in ((Relation.FACILITATOR, True), (Relation.MEMBER, False)):
        people = [p for p, role in handles.values() if (role is Role.PEER) is is_part]
        await directory_store.add_members(conn, room, people, part, now)


async def sample(
    conn: Conn, vault: Vault, *, people: int, rooms: int, now: datetime, sign_in: bool
) -> Sample:
    """Create the sample community, or find it and add what is missing. Everybody is in every
    room. With `sign_in` each person gets a fresh session. Raises NotASample."""
    await require_sample(conn, now)
    handles = await _people(conn, people, now)
    made = await _rooms(conn, rooms, handles, vault, now)
    signed_in = []
    for handle, (person, role) in handles.items():
        token = (await sessions.start(conn, person, "", now)).token if sign_in else ""
        signed_in.append(SamplePerson(handle, role, token))
    return Sample(tuple(signed_in), tuple(made))


async def sample_links(conn: Conn, now: datetime) -> list[tuple[str, Role, str]]:
    """A one-time sign-in code for each of the named people: handle, role, code."""
    links = []
    for handle, role in NAMED:
        who = await accounts.person_by_handle(conn, handle)
        links.append((handle, role, await accounts.make_link(conn, who.id, now)))
    return links
