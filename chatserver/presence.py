"""Who is here, and who is writing. Shown only of those who let it be seen.

Nothing of it is stored: each node says on a room's channel who follows the room there, anew
every few seconds. What a dead node said runs out by itself; a flushed Redis loses nothing.
"""

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from people.ids import PersonId
from rooms.ids import RoomId

from .bus import Bus, Present, Typing, room_channel
from .fanout import Fanout
from .live import LiveRoom
from .protocol.common import Person
from .protocol.events import PresenceChanged, TypingChanged
from .socket.connection import Connection
from .socket.outbox import Packet

SETTLE_SECONDS = 0.2
"""Comings and goings within this time are told as one change."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What another node said of a room, on the loop's clock."""

    people: dict[PersonId, str]
    until: float


class Presence:
    """Presence and typing of the live rooms of one node. `forget_seconds` is the silence after
    which what another node said counts no more."""

    def __init__(self, node: UUID, fanout: Fanout, bus: Bus, forget_seconds: float) -> None:
        self._node, self._fanout, self._bus = node, fanout, bus
        self._forget_seconds = forget_seconds
        self._elsewhere: defaultdict[RoomId, dict[UUID, Elsewhere]] = defaultdict(dict)
        self._said: dict[RoomId, dict[PersonId, str]] = {}
        self._shown: dict[RoomId, dict[PersonId, str]] = {}
        self._settling: set[RoomId] = set()

    def here(self, live: LiveRoom) -> dict[PersonId, str]:
        """Who follows the room on this node and lets it be seen."""
        followers = (s.connection.principal for s in live.followers.values())
        return {who.id: who.handle for who in followers if who.presence_shown}

    def present(self, room: RoomId) -> dict[PersonId, str]:
        """Who is here, on all nodes as far as is known."""
        now = asyncio.get_running_loop().time()
        live = self._fanout.get(room)
        found = dict(self.here(live)) if live else {}
        for said in self._elsewhere.get(room, {}).values():
            if said.until > now:
                found |= said.people
        return found

    def seen_by(self, room: RoomId, connection: Connection) -> list[Person]:
        """Who is here, without those whom a block hides."""
        hidden = connection.principal.blocked
        found = sorted(self.present(room).items(), key=lambda row: row[1].casefold())
        return [Person(id=p, handle=handle) for p, handle in found if p not in hidden]

    def changed(self, room: RoomId) -> None:
        """Somebody came or went here, or changed what is shown of them."""
        if room not in self._settling:
            self._settling.add(room)
            asyncio.get_running_loop().call_later(SETTLE_SECONDS, self._settle, room)

    def _settle(self, room: RoomId) -> None:
        self._settling.discard(room)
        live = self._fanout.get(room)
        here = self.here(live) if live else {}
        first = live is not None and room not in self._said
        if here != self._said.get(room, {}) or first:
            self._bus.publish(room_channel(room), Present(self._node, room, here, first))
        if live is None:
            for kept in (self._said, self._shown, self._elsewhere):
                kept.pop(room, None)
            return
        self._said[room] = here
        self._tell(live)

    def _tell(self, live: LiveRoom) -> None:
        present = self.present(live.id)
        if present == self._shown.get(live.id, {}):
            return
        self._shown[live.id] = present
        common: Packet | None = None
        for subscription in live.followers.values():
            connection = subscription.connection
            if present.keys() & connection.principal.blocked:
                connection.push(self._packet(live.id, connection))
            else:
                common = common or self._packet(live.id, connection)
                connection.push(common)

    def _packet(self, room: RoomId, connection: Connection) -> Packet:
        people = self.seen_by(room, connection)
        return Packet.event("presence:changed", PresenceChanged(room=room, people=people))

    def heard(self, said: Present) -> None:
        """Another node said who is there."""
        live = self._fanout.get(said.room)
        if live is None:
            return
        loop = asyncio.get_running_loop()
        until = loop.time() + self._forget_seconds
        kept = self._elsewhere[said.room][said.node] = Elsewhere(said.people, until)
        loop.call_at(until, self._forget, said.room, said.node, kept)
        if said.ask:
            hint = Present(self._node, said.room, self.here(live), False)
            self._bus.publish(room_channel(said.room), hint)
        self.changed(said.room)

    def _forget(self, room: RoomId, node: UUID, kept: Elsewhere) -> None:
        """What a node said has run out, unless it has said more since."""
        nodes = self._elsewhere.get(room, {})
        if nodes.get(node) is kept:
            del nodes[node]
            self.changed(room)

    def repeat(self) -> None:
        """Say again who is here."""
        for live in self._fanout.rooms():
            here = self.here(live)
            if here:
                self._bus.publish(room_channel(live.id), Present(self._node, live.id, here, False))

    def farewell(self) -> None:
        """This node stops: nobody is here any more."""
        for live in self._fanout.rooms():
            if self.here(live):
                self._bus.publish(room_channel(live.id), Present(self._node, live.id, {}, False))

    def typing(self, typing: Typing) -> None:
        """Somebody writes or has stopped, here or elsewhere."""
        live = self._fanout.get(typing.room)
        if live is None:
            return
        person = Person(id=typing.person, handle=typing.handle)
        event = TypingChanged(room=typing.room, person=person, on=typing.on)
        packet = Packet.event("typing:changed", event)
        for subscription in live.followers.values():
            viewer = subscription.viewer
            if viewer.id != typing.person and typing.person not in viewer.blocked:
                subscription.connection.push(packet)
