"""A message: as stored, as opened, and as one person sees it.

What is made anew for every message is a msgspec struct: made and read in a fifth of the time that
a frozen dataclass takes, and as immutable.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from people.ids import PersonId
from rooms.ids import MessageId, RoomId

EDIT_WINDOW = timedelta(minutes=15)
"""How long a message's author may change it."""
REACTIONS = ("heart", "hug", "strength", "candle", "gratitude", "celebrate")
"""A small warm set; none of them can be used to look down on somebody."""


class State(StrEnum):
    """Where a message is in its life. In every state it keeps its place in the order."""

    VISIBLE = "visible"
    HELD = "held"
    REMOVED = "removed"
    RETRACTED = "retracted"


class Sight(StrEnum):
    """How much of a message one person sees."""

    FULL = "full"
    PLACE = "place"
    """That something stands there, and why it is not shown."""
    BLOCKED = "blocked"
    """That something stands there; not even its state."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote it."""

    id: PersonId
    handle: str


class Stored(Struct, frozen=True):
    """A message as the database and the bus carry it: the text only as ciphertext."""

    room: RoomId
    seq: int
    id: MessageId
    author: Author
    at: datetime
    state: State
    body: bytes | None
    reply_to: int | None = None
    edited_at: datetime | None = None
    revision: int = 0
    reactions: dict[str, list[PersonId]] = {}

    def at_place(self, seq: int) -> "Stored":
        """A new message at its place in the room's order."""
        return Stored(
            self.room, seq, self.id, self.author, self.at, self.state, self.body, self.reply_to
        )


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who looks at a room. `watches`: can see what is held or blocked, to act on it."""

    id: PersonId
    blocked: frozenset[PersonId] = frozenset()
    watches: bool = False


class Draft(Struct, frozen=True):
    """What somebody wants to say. `key` is theirs: the same key is the same message. Without one
    it is a message of its own."""

    key: UUID | None
    text: str
    reply_to: int | None = None


class Sent(Struct, frozen=True):
    """The answer to a message; the same for every retry."""

    seq: int
    id: MessageId
    at: datetime
    held: bool
