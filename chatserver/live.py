"""A room that somebody on this node follows: how far it has been told, and to whom."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from people.ids import PersonId
from rooms.chat.model import Sight, Stored, Viewer
from rooms.chat.screen import Turn
from rooms.directory.model import Room, Standing
from rooms.ids import RoomId

from . import views
from .protocol.common import Message
from .socket.connection import Connection
from .socket.outbox import Packet

if TYPE_CHECKING:
    from .latest import Latest

RECENT_TURNS = 20
"""Earlier messages that the screen is shown."""
AHEAD = 2000
"""Messages kept while an earlier one is missing; past that they are read again."""


class New:
    """A message that is to be told. `text` is known where it was said, and opened elsewhere."""

    __slots__ = ("_packets", "message", "shown", "text")

    def __init__(self, message: Stored, text: str | None = None) -> None:
        self.message, self.text = message, text
        self.shown: Message | None = None
        """What everybody who sees all of it is shown on coming, while nobody has reacted."""
        self._packets: dict[Sight, Packet] = {}

    def packet(self, seen: Sight) -> Packet:
        """The packet for those who see so much of it."""
        packet = self._packets.get(seen)
        if packet is None:
            view = views.message(self.message, seen, self.text)
            packet = self._packets[seen] = Packet.event("message:new", view)
        return packet


class Subscription:
    """One connection's place in a room's order.

    From the moment it exists it keeps what passes; `begin` lets it through, after what the
    answer to the join already held. So nothing is missed or doubled while joining.
    """

    __slots__ = ("_waiting", "connection", "revision", "seq", "viewer")

    def __init__(self, connection: Connection, viewer: Viewer) -> None:
        self.connection = connection
        self.viewer = viewer
        self.seq = 0
        self.revision = 0
        self._waiting: list[tuple[int, int, Packet]] | None = []

    def begin(self, seq: int, revision: int) -> None:
        """The connection has everything up to here."""
        self.seq, self.revision = seq, revision
        waiting, self._waiting = self._waiting or [], None
        for new_seq, new_revision, packet in waiting:
            self.give(new_seq, new_revision, packet)

    def takes_all(self, first: int) -> bool:
        """Whether it has been let through, is to get all from this `seq` on, and nothing that
        anybody says is hidden from it."""
        return self._waiting is None and self.seq < first and not self.viewer.blocked

    def give(self, seq: int, revision: int, packet: Packet) -> None:
        """A new message (`seq` above 0) or a change (`seq` 0), at most once."""
        if self._waiting is not None:
            self._waiting.append((seq, revision, packet))
        elif seq > self.seq:
            self.seq = seq
            self.connection.push(packet)
        elif not seq and revision > self.revision:
            self.revision = revision
            self.connection.push(packet)


@dataclass(slots=True)
class LiveRoom:
    """`seq` and `revision` say how far the followers here have been told, counting what has
    `gathered` in this turn of the loop. `standings` caches who stands how, `members` how many
    there are; both are dropped by hints, and by the sweep within a second."""

    id: RoomId
    seq: int = 0
    revision: int = 0
    members_version: int = 0
    room: Room | None = None
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    failed: bool = False
    followers: dict[str, Subscription] = field(default_factory=dict)
    ahead: dict[int, New] = field(default_factory=dict)
    gathered: list[New] = field(default_factory=list)
    recent: deque[Turn] = field(default_factory=lambda: deque(maxlen=RECENT_TURNS))
    standings: dict[PersonId, Standing] = field(default_factory=dict)
    members: int | None = None
    latest: "Latest | None" = None
    heard_seq: int = 0
    heard_revision: int = 0
    recovering: bool = False
    recover_again: bool = False

    @property
    def behind(self) -> bool:
        """Whether something was heard of that the followers have not been told."""
        return self.seq < self.heard_seq or self.revision < self.heard_revision

    def people(self) -> set[PersonId]:
        """Who follows the room here."""
        return {s.connection.person for s in self.followers.values()}

    def keep_ahead(self, new: New) -> None:
        """Keep a message whose predecessor has not come yet."""
        if len(self.ahead) < AHEAD:
            self.ahead[new.message.seq] = new

    def next_ahead(self) -> New | None:
        """The message that comes next, if it has been kept."""
        for seq in [s for s in self.ahead if s <= self.seq]:
            del self.ahead[seq]
        return self.ahead.pop(self.seq + 1, None)
