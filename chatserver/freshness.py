"""Keeps what this node remembers of people and memberships true.

Hints on the bus say what changed, at once. A sweep of the database, once a second, finds what
hints did not bring: it compares three counters of each live room and looks for people who
changed lately. So a lost hint, or a Redis that is away, costs a second and nothing else.
"""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from people.accounts import store as accounts
from people.ids import PersonId
from people.permissions import Principal, Relation
from people.refusal import Refusal
from people.sessions import store as sessions
from rooms.chat import store as chat
from rooms.chat.rules import viewer
from rooms.directory import service as directory_service
from rooms.directory import store as directory
from rooms.directory.model import Listed, Standing
from rooms.directory.rules import is_inside
from rooms.ids import RoomId

from . import views
from .clock import Clock
from .connections import Connections
from .database import Database
from .fanout import Fanout
from .latest import KEPT_SECONDS
from .live import LiveRoom
from .logs import get_log
from .presence import Presence
from .protocol.events import PersonChanged, RoomChanged, RoomRemoved, SessionEnded
from .socket.connection import Connection

SWEEP_SECONDS = 1.0
LOOK_BACK_SECONDS = 10.0
"""A change is dated when it is written and seen when it is committed; this covers the time
between, and then some."""

_Seen = tuple[datetime, frozenset[str]]


class Freshness:
    """Drops and renews what is cached, and ends what is no longer allowed."""

    def __init__(
        self,
        database: Database,
        connections: Connections,
        fanout: Fanout,
        presence: Presence,
        clock: Clock,
    ) -> None:
        self._database, self._connections = database, connections
        self._fanout, self._presence, self._clock = fanout, presence, clock
        self._seen: dict[PersonId, _Seen] = {}
        self._swept = 0.0

    def known(self, who: Principal, room: RoomId) -> Standing | None:
        """Where somebody stands, if this node remembers it."""
        live = self._fanout.get(room)
        known = live.standings.get(who.id) if live else None
        return known if known is not None and known.who is who else None

    async def standing(self, who: Principal, room: RoomId) -> Standing:
        """Where somebody stands, from memory while the room is live here.

        Raises NotFound, Unavailable.
        """
        return self.known(who, room) or await self.standing_now(who, room)

    async def standing_now(self, who: Principal, room: RoomId) -> Standing:
        """Where somebody stands at this moment, the read mark included.

        Raises NotFound, Unavailable.
        """
        live = self._fanout.get(room)
        version = live.members_version if live else 0
        async with self._database.connection() as conn:
            found = await directory_service.standing(conn, who, room)
        if live is not None and live.members_version == version:
            self._remember(live, found)
        return found

    def _remember(self, live: LiveRoom, where: Standing) -> None:
        """Unless the room has changed since it was read."""
        if live.members_version == where.room.members_version:
            live.standings[where.who.id] = where

    async def members(self, live: LiveRoom, where: Standing) -> int:
        """How many are in a room that somebody has just come to. Raises Unavailable."""
        self._remember(live, where)
        if live.members is not None:
            return live.members
        version = live.members_version
        async with self._database.connection() as conn:
            found = await directory.count_members(conn, live.id)
        if version == live.members_version:
            live.members = found
        return found

    def person(self, person: PersonId) -> None:
        """Something of somebody changed."""
        if self._connections.of(person):
            self._fanout.spawn(self._renew_seen(person))

    def membership(self, room: RoomId, person: PersonId) -> None:
        """Somebody's place in a room changed."""
        live = self._fanout.get(room)
        if live is not None:
            live.standings.pop(person, None)
            live.members = None
        if self._connections.of(person):
            self._fanout.spawn(self._quietly(self._renew_membership(room, person)))

    def room(self, room: RoomId) -> None:
        """A room itself changed."""
        live = self._fanout.get(room)
        if live is not None:
            live.standings.clear()
            self._fanout.spawn(self._quietly(self._renew_room(live)))

    async def _quietly(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Refusal as refusal:
            get_log().warning("freshness.later", code=refusal.code)

    async def renew_person(self, person: PersonId) -> None:
        """Read somebody anew now. Raises Unavailable."""
        async with self._database.connection() as conn:
            who = await accounts.principal(conn, person)
            live = await sessions.of_person(conn, person, self._clock())
        allowed = {session.id for session in live}
        for connection in self._connections.of(person):
            if who is None or who.suspended_at is not None:
                await self._end(connection, "suspended")
            elif connection.session not in allowed:
                await self._end(connection, "signed_out")
            else:
                self._put(connection, who)

    def _put(self, connection: Connection, who: Principal) -> None:
        if connection.principal == who:
            return
        roles_changed = connection.principal.roles != who.roles
        connection.principal = who
        for room in connection.rooms:
            live = self._fanout.get(room)
            subscription = live.followers.get(connection.sid) if live else None
            if live is None or subscription is None:
                continue
            subscription.viewer = replace(subscription.viewer, blocked=who.blocked)
            self._presence.changed(live.id)
            if roles_changed:
                self._fanout.spawn(self._quietly(self._renew_room(live)))
        connection.tell("person:changed", PersonChanged())

    async def _end(
        self, connection: Connection, reason: Literal["signed_out", "suspended"]
    ) -> None:
        connection.tell("session:ended", SessionEnded(reason=reason))
        await connection.close()

    async def _renew_membership(self, room: RoomId, person: PersonId) -> None:
        connections = self._connections.of(person)
        if not connections:  # gone since this was planned
            return
        async with self._database.connection() as conn:
            who = connections[0].principal
            where = await directory.standing(conn, who, room)
            listed = await directory_service.describe(conn, where) if where else None
        live = self._fanout.get(room)
        for connection in connections:
            self._place(connection, live, where)
            if listed is None or listed.standing.relation is Relation.OUTSIDER:
                connection.tell("room:removed", RoomRemoved(room=room))
            else:
                connection.tell("room:changed", RoomChanged(info=views.room(listed)))

    def _place(self, connection: Connection, live: LiveRoom | None, where: Standing | None) -> None:
        subscription = live.followers.get(connection.sid) if live else None
        if live is None or subscription is None:
            return
        if where is None or not is_inside(where):
            self._fanout.unfollow(connection, live.id)
        else:
            subscription.viewer = viewer(where)

    async def _renew_room(self, live: LiveRoom) -> None:
        """Read a live room and everybody's place in it anew; tell if the room itself changed."""
        async with self._database.connection() as conn:
            room = await directory.room(conn, live.id)
            members = await directory.count_members(conn, live.id)
            asked: set[PersonId] = set()
            relations: dict[PersonId, tuple[Relation, int, int]] = {}
            while come := live.people() - asked:  # while they are asked for, more may come
                relations |= await directory.relations(conn, live.id, list(come))
                asked |= come
        if room is None:
            return
        live.standings.clear()
        tell = live.room is not None and live.room.facts != room.facts
        live.members_version, live.room, live.members = room.members_version, room, members
        for subscription in list(live.followers.values()):
            connection = subscription.connection
            relation, agreed, read = relations.get(connection.person, (Relation.OUTSIDER, 0, 0))
            where = Standing(connection.principal, room, relation, agreed, read)
            self._place(connection, live, where)
            if not is_inside(where):
                connection.tell("room:removed", RoomRemoved(room=live.id))
            elif tell:
                info = views.room(Listed(where, members))
                connection.tell("room:changed", RoomChanged(info=info))

    async def sweep(self) -> None:
        """Find what no hint brought. Raises Unavailable."""
        now = asyncio.get_running_loop().time()
        back = LOOK_BACK_SECONDS + (now - self._swept if self._swept else 0.0)
        rooms = [live.id for live in self._fanout.rooms()]
        async with self._database.connection() as conn:
            positions = await chat.positions(conn, rooms) if rooms else {}
            people = await accounts.changed_lately(conn, back) if len(self._connections) else {}
        self._swept = now
        for room, (seq, revision, version) in positions.items():
            live = self._fanout.get(room)
            if live is None or not live.ready.is_set():
                continue
            if seq > live.seq or revision > live.revision:
                self._fanout.recover(live)
            if live.latest is not None and live.latest.used_at < now - KEPT_SECONDS:
                live.latest = None
            if version != live.members_version:
                live.standings.clear()
                live.members = None
                self._fanout.spawn(self._quietly(self._renew_room(live)))
        self._sweep_people(people)

    def _sweep_people(self, people: dict[PersonId, datetime]) -> None:
        """A connection that came while the change was written may have been read before it; so
        what counts as seen is a change on these very connections."""
        seen: dict[PersonId, _Seen] = {}
        for person, at in people.items():
            sids = frozenset(connection.sid for connection in self._connections.of(person))
            if sids:
                seen[person] = at, sids
                if self._seen.get(person) != seen[person]:
                    self.person(person)
        self._seen = seen

    async def _renew_seen(self, person: PersonId) -> None:
        try:
            await self.renew_person(person)
        except Refusal as refusal:
            self._seen.pop(person, None)  # the next sweep tries again
            get_log().warning("freshness.later", code=refusal.code)
