"""What happened goes out: to this node's own connections, then as hints to the other nodes.

Called after the commit, never before.
"""

from collections.abc import Iterable
from typing import assert_never

from people.accounts.events import PersonChanged
from rooms.chat.events import MessageAdded, MessageAltered
from rooms.directory.events import MembershipChanged, ReadMoved, RoomChanged

from .bus import (
    PEOPLE,
    Added,
    Altered,
    AnyHint,
    Bus,
    MembershipHint,
    PersonHint,
    Present,
    ReadHint,
    RoomHint,
    Typing,
    room_channel,
)
from .connections import Connections
from .fanout import Fanout
from .freshness import Freshness
from .live import New
from .presence import Presence
from .protocol.events import ReadChanged

Happened = (
    PersonChanged | RoomChanged | MembershipChanged | ReadMoved | MessageAdded | MessageAltered
)


def hint_of(event: Happened) -> tuple[str, AnyHint]:
    """The hint for other nodes, and its channel."""
    match event:
        case MessageAdded(message):
            return room_channel(message.room), Added(message)
        case MessageAltered(message, by):
            return room_channel(message.room), Altered(message, by)
        case RoomChanged(room):
            return room_channel(room), RoomHint(room)
        case MembershipChanged(room, person):
            return PEOPLE, MembershipHint(room, person)
        case ReadMoved(room, person, seq):
            return PEOPLE, ReadHint(room, person, seq)
        case PersonChanged(person):
            return PEOPLE, PersonHint(person)
        case _:
            assert_never(event)


class Publisher:
    """Takes events of this node, and hints of others; both end at the same doors."""

    def __init__(
        self,
        bus: Bus,
        connections: Connections,
        fanout: Fanout,
        freshness: Freshness,
        presence: Presence,
    ) -> None:
        self._bus, self._connections, self._fanout = bus, connections, fanout
        self._freshness, self._presence = freshness, presence

    def publish(self, events: Iterable[Happened]) -> None:
        """Tell everybody what was committed."""
        for event in events:
            channel, hint = hint_of(event)
            if isinstance(event, MessageAdded):
                self._fanout.added(New(event.message, event.text))
            else:
                self.receive(hint)
            self._bus.publish(channel, hint)

    def typing(self, typing: Typing) -> None:
        """Tell everybody that somebody writes. Not stored anywhere."""
        self._presence.typing(typing)
        self._bus.publish(room_channel(typing.room), typing)

    def receive(self, hint: AnyHint) -> None:
        """Take a hint, of this node or another."""
        match hint:
            case Added(message):
                self._fanout.added(New(message))
            case Altered(message, by):
                self._fanout.altered(message, by)
            case RoomHint(room):
                self._freshness.room(room)
            case MembershipHint(room, person):
                self._freshness.membership(room, person)
            case ReadHint(room, person, seq):
                self._connections.tell(person, "read:changed", ReadChanged(room=room, seq=seq))
            case PersonHint(person):
                self._freshness.person(person)
            case Typing():
                self._presence.typing(hint)
            case Present():
                self._presence.heard(hint)
            case _:
                assert_never(hint)
