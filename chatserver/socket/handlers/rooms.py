"""Requests on rooms."""

from dataclasses import replace

from chatserver import views
from chatserver.latest import LATEST
from chatserver.live import LiveRoom, New, Subscription
from chatserver.protocol import requests as wire
from chatserver.protocol.common import Empty, Message
from chatserver.socket.handler import Context, handles
from people.permissions import Action
from people.sessions.errors import NotSignedIn
from rooms.chat import service as chat
from rooms.chat.model import Sight, Stored, Viewer
from rooms.chat.rules import sight, viewer
from rooms.directory import service
from rooms.directory.model import Access, Change, Draft, Listed, Standing
from rooms.directory.rules import check_may, is_inside
from rooms.ids import RoomId

from .messages import view

PAGE = 200
CHANGES = 500


@handles(wire.RoomList)
async def list_rooms(at: Context, _request: wire.RoomList) -> wire.RoomListed:
    """Every room that I am in or may find."""
    async with at.node.database.connection() as conn:
        found = await service.list_rooms(conn, at.who)
    return wire.RoomListed(rooms=[views.room(row) for row in found])


@handles(wire.RoomJoin)
async def join(at: Context, request: wire.RoomJoin) -> wire.RoomJoined:
    """Become a member if I am not, and follow the room live."""
    room = RoomId(request.room)
    where = await at.node.freshness.standing_now(at.who, room)
    if not is_inside(where) or (request.agree and not where.agreed):
        async with at.node.database.transaction() as conn:
            where, events = await service.join(conn, at.who, room, agree=request.agree, now=at.now)
        at.node.publisher.publish(events)
    if at.node.connections.get(at.connection.sid) is not at.connection:
        raise NotSignedIn  # it has ended: what follows a room now would follow it for good
    # What is known of the person may have been renewed; from `follow` on it is renewed there too.
    at = Context(at.node, at.connection, at.connection.principal, at.now)
    where = replace(where, who=at.who)
    check_may(where, Action.READ_MESSAGES)
    try:
        subscription = await at.node.fanout.follow(at.connection, room, viewer(where))
        known = await _from_memory(at, request, where, subscription)
        return known or await _answer(at, request, subscription)
    except BaseException:
        at.node.fanout.unfollow(at.connection, room)
        raise


async def _from_memory(
    at: Context, request: wire.RoomJoin, where: Standing, subscription: Subscription
) -> wire.RoomJoined | None:
    """The answer of a node that has been told everything up to what the person may have seen
    elsewhere; None when it has not, or when more is asked for than it remembers."""
    live = at.node.fanout.get(where.room.id)
    if live is None:
        return None
    listed = Listed(where, await at.node.freshness.members(live, where))
    latest = await at.node.fanout.latest(live)
    cutoff = where.room.serves_after(at.now)
    found = latest.after(request.after, cutoff) if latest is not None else None
    if found is None or (request.after and request.revision not in {None, live.revision}):
        return None
    if live.seq < where.room.last_seq or live.revision < where.room.revision:
        return None
    if not _still_stands(live, where, subscription):
        return None
    room = replace(where.room, last_seq=live.seq, revision=live.revision)
    where = replace(where, room=room)
    _begin(at, subscription, where)
    by = viewer(where)
    messages = [_shown(at, where, by, new) for new in found]
    return _joined(at, replace(listed, standing=where), messages, [], live.revision)


def _still_stands(live: LiveRoom, where: Standing, subscription: Subscription) -> bool:
    """Whether a place in the room that was read before it was followed may be relied upon.

    Whoever is removed later is found among the followers: by the hint, or because the room's
    `members_version` has moved on. Where the node has counted further than `where`, it may have
    looked through them before this one was there.
    """
    follows = live.followers.get(subscription.connection.sid) is subscription
    return follows and live.members_version <= where.room.members_version


def _shown(at: Context, where: Standing, by: Viewer, new: New) -> Message:
    """A message as somebody who comes sees it; the same for most of a crowd."""
    if new.message.reactions or sight(new.message, by) is not Sight.FULL:
        return view(at, where, new.message)
    if new.shown is None:
        new.shown = view(at, where, new.message)
    return new.shown


def _begin(at: Context, subscription: Subscription, where: Standing) -> None:
    """Let live messages through, once the answer with those before is on its way."""
    room = where.room
    at.connection.after_ack.append(lambda: subscription.begin(room.last_seq, room.revision))
    at.connection.after_ack.append(lambda: at.node.presence.changed(room.id))


async def _answer(
    at: Context, request: wire.RoomJoin, subscription: Subscription
) -> wire.RoomJoined:
    """Read after the subscription exists, so that whatever comes later is kept for it."""
    async with at.node.database.connection() as conn:
        where = await service.standing(conn, at.who, RoomId(request.room))
        listed = await service.describe(conn, where)
        last = where.room.last_seq
        if request.after is None:
            messages, _ = await chat.before(conn, where, last + 1, LATEST, at.now)
        else:
            messages = await chat.since(conn, where, request.after, PAGE, at.now)
        changed: list[Stored] = []
        if request.revision is not None and request.after:
            changed = await chat.changed(
                conn, where, request.revision, request.after, CHANGES, at.now
            )
    revision = changed[-1].revision if len(changed) == CHANGES else where.room.revision
    _begin(at, subscription, where)
    known = [view(at, where, m) for m in messages if m.seq <= last]
    return _joined(at, listed, known, [view(at, where, m) for m in changed], revision)


def _joined(
    at: Context, listed: Listed, messages: list[Message], changed: list[Message], revision: int
) -> wire.RoomJoined:
    where = listed.standing
    return wire.RoomJoined(
        room=where.room.id,
        info=views.room(listed),
        last_seq=where.room.last_seq,
        revision=revision,
        messages=messages,
        changed=changed,
        present=at.node.presence.seen_by(where.room.id, at.connection),
    )


@handles(wire.RoomLeave)
async def leave(at: Context, request: wire.RoomLeave) -> Empty:
    """Stop being a member."""
    async with at.node.database.transaction() as conn:
        events = await service.leave(conn, at.who, RoomId(request.room))
    at.node.fanout.unfollow(at.connection, RoomId(request.room))
    at.node.publisher.publish(events)
    return Empty()


@handles(wire.RoomUnwatch)
async def unwatch(at: Context, request: wire.RoomUnwatch) -> Empty:
    """Stop following the room on this connection."""
    check_may(await at.standing(request.room), Action.LEAVE_ROOM)
    at.node.fanout.unfollow(at.connection, RoomId(request.room))
    return Empty()


@handles(wire.RoomCreate)
async def create(at: Context, request: wire.RoomCreate) -> wire.RoomCreated:
    """Open a new group room."""
    draft = Draft(
        name=request.name,
        topic=request.topic,
        access=Access(request.access),
        agreements=request.agreements,
        capacity=request.capacity,
        expires_after_days=request.expires_after_days,
    )
    async with at.node.database.transaction() as conn:
        room = await service.create(conn, at.who, draft, at.node.tools.vault, at.now)
        listed = await service.describe(conn, await service.standing(conn, at.who, room))
    return wire.RoomCreated(info=views.room(listed))


@handles(wire.RoomUpdate)
async def update(at: Context, request: wire.RoomUpdate) -> wire.RoomUpdated:
    """Change a room."""
    change = Change(
        name=request.name,
        topic=request.topic,
        access=Access(request.access) if request.access else None,
        agreements=request.agreements,
        capacity=request.capacity,
        expires_after_days=request.expires_after_days,
    )
    async with at.node.database.transaction() as conn:
        events = await service.update(conn, at.who, RoomId(request.room), change)
        where = await service.standing(conn, at.who, RoomId(request.room))
        listed = await service.describe(conn, where)
    at.node.publisher.publish(events)
    return wire.RoomUpdated(info=views.room(listed))


@handles(wire.RoomMembers)
async def members(at: Context, request: wire.RoomMembers) -> wire.RoomMembersListed:
    """Who belongs to a room."""
    async with at.node.database.connection() as conn:
        found = await service.members(conn, at.who, RoomId(request.room))
    return wire.RoomMembersListed(members=[views.member(row) for row in found])


@handles(wire.RoomInvite)
async def invite(at: Context, request: wire.RoomInvite) -> Empty:
    """Let somebody into a room."""
    async with at.node.database.transaction() as conn:
        events = await service.invite(conn, at.who, RoomId(request.room), request.handle, at.now)
    at.node.publisher.publish(events)
    return Empty()
