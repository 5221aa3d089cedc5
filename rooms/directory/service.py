"""What can be done with rooms. The caller commits, then publishes the events."""

from datetime import datetime

from people.accounts import service as accounts
from people.connection import Conn
from people.ids import PersonId, new_uuid
from people.permissions import Action, Principal, Relation, require
from people.refusal import NotFound
from rooms.ids import RoomId
from rooms.vault.service import Vault

from . import store
from .events import MembershipChanged, ReadMoved, RoomChanged
from .model import Change, Draft, Listed, Member, Standing
from .rules import (
    check_hand_over,
    check_join,
    check_may,
    clean_change,
    clean_draft,
    is_inside,
    may_find,
)


async def standing(conn: Conn, who: Principal, room: RoomId, *, lock: bool = False) -> Standing:
    """Where somebody stands towards a room. Raises NotFound."""
    found = await store.standing(conn, who, room, lock=lock)
    if found is None or not may_find(found):
        raise NotFound
    return found


async def list_rooms(conn: Conn, who: Principal) -> list[Listed]:
    """Every room that somebody is in or may find."""
    require(who, Action.LIST_ROOMS)
    return await store.listed(conn, who)


async def describe(conn: Conn, where: Standing) -> Listed:
    """One room as in the list."""
    return Listed(where, await store.count_members(conn, where.room.id))


async def join(
    conn: Conn, who: Principal, room: RoomId, *, agree: bool, now: datetime
) -> tuple[Standing, list[MembershipChanged]]:
    """Become a member, or accept new agreements. Nothing happens when there is nothing to do.

    Raises NotFound, InvitationRequired, AgreementsRequired, RoomFull.
    """
    where = await standing(conn, who, room, lock=True)
    if is_inside(where) and (where.agreed or not agree):
        return where, []
    check_join(where, agree=agree, members=await store.count_members(conn, room))
    relation = where.relation if is_inside(where) else Relation.MEMBER
    await store.put_membership(conn, room, who.id, relation, where.room.agreements_version, now)
    return await standing(conn, who, room), [MembershipChanged(room, who.id)]


async def leave(conn: Conn, who: Principal, room: RoomId) -> list[MembershipChanged]:
    """Stop being a member. Raises NotFound, NotAMember, LastFacilitator."""
    where = await standing(conn, who, room, lock=True)
    check_may(where, Action.LEAVE_ROOM)
    if where.relation is Relation.FACILITATOR:
        others = await store.count_members(conn, room) - 1
        check_hand_over(await store.count_facilitators(conn, room), others)
    await store.delete_membership(conn, room, who.id)
    return [MembershipChanged(room, who.id)]


async def create(
    conn: Conn, who: Principal | None, draft: Draft, vault: Vault, now: datetime
) -> RoomId:
    """A new room with a key of its own; its maker facilitates it. `who` is None for the command
    line. Raises NotAllowed, RoomNameEmpty."""
    draft = clean_draft(draft)
    room = RoomId(new_uuid())
    if who is not None:
        require(who, Action.CREATE_ROOM)
    await store.insert(conn, room, draft, vault.new_room_key(room), now)
    if who is not None:
        await store.put_membership(conn, room, who.id, Relation.FACILITATOR, 1, now)
    return room


async def update(conn: Conn, who: Principal, room: RoomId, change: Change) -> list[RoomChanged]:
    """Change a room. Raises NotFound, NotAMember, NotAllowed, RoomNameEmpty."""
    where = await standing(conn, who, room, lock=True)
    check_may(where, Action.UPDATE_ROOM)
    if change.access is not None:
        check_may(where, Action.CHANGE_ACCESS)
    await store.update(conn, room, clean_change(change))
    return [RoomChanged(room)]


async def members(conn: Conn, who: Principal, room: RoomId) -> list[Member]:
    """Who is in. Raises NotFound, NotAMember."""
    check_may(await standing(conn, who, room), Action.SEE_MEMBERS)
    return await store.members(conn, room)


async def invite(
    conn: Conn, who: Principal, room: RoomId, handle: str, now: datetime
) -> list[MembershipChanged]:
    """Let somebody into a room; they still choose to join.

    Raises NotFound, NotAMember, NotAllowed, NoSuchPerson.
    """
    check_may(await standing(conn, who, room), Action.INVITE_TO_ROOM)
    guest = await accounts.person_by_handle(conn, handle)
    there = await store.standing(conn, guest, room, lock=True)
    if there is None or there.relation is not Relation.OUTSIDER:
        return []
    await store.put_membership(conn, room, guest.id, Relation.INVITED, 0, now)
    return [MembershipChanged(room, guest.id)]


async def appoint(
    conn: Conn, person: PersonId, room: RoomId, relation: Relation, now: datetime
) -> list[MembershipChanged]:
    """Put somebody into a room with a part, from the command line."""
    found = await store.room(conn, room)
    if found is None:
        raise NotFound
    await store.put_membership(conn, room, person, relation, found.agreements_version, now)
    return [MembershipChanged(room, person)]


async def mark_read(conn: Conn, where: Standing, seq: int) -> list[ReadMoved]:
    """Move the read mark forward. Raises NotAMember."""
    check_may(where, Action.READ_MESSAGES)
    stands = await store.mark_read(conn, where.room.id, where.who.id, seq)
    return [ReadMoved(where.room.id, where.who.id, stands)]
