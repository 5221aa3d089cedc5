"""What a client may ask over the socket, and what it is answered."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from .common import (
    Access,
    After,
    Handle,
    Language,
    Limit,
    Me,
    Member,
    Message,
    Person,
    Reaction,
    Room,
    Seq,
    Text,
    Wire,
)


class RoomList(Wire, frozen=True):
    """Every room that I am in or may find."""


class RoomListed(Wire, frozen=True):
    rooms: list[Room]


class RoomJoin(Wire, frozen=True):
    """Become a member if I am not, and follow the room live on this connection.

    With `after`, the answer holds the messages after it, oldest first, `limit` at most 200: while
    the last one's `seq` is below `last_seq`, ask `message:since` for more. Without it, the latest
    50. With `revision`, the answer's `changed` holds the older messages that changed since.
    """

    room: UUID
    after: After | None = None
    revision: After | None = None
    agree: Annotated[bool, Meta(description="I accept the room's agreements.")] = False


class RoomJoined(Wire, frozen=True):
    room: UUID
    info: Room
    last_seq: After
    revision: After
    messages: list[Message]
    changed: list[Message]
    present: Annotated[list[Person], Meta(description="Those here who let it be seen.")]


class RoomLeave(Wire, frozen=True):
    """Stop being a member."""

    room: UUID


class RoomUnwatch(Wire, frozen=True):
    """Stop following the room on this connection; I stay a member."""

    room: UUID


Name = Annotated[str, Meta(min_length=1, max_length=80)]
Topic = Annotated[str, Meta(max_length=500)]
Agreements = Annotated[str, Meta(max_length=4000)]
Capacity = Annotated[int, Meta(ge=2, le=10_000)]
Days = Annotated[int, Meta(ge=1, le=3650)]
DaysOrNever = Annotated[int, Meta(ge=0, le=3650, description="0: kept until removed.")]


class RoomCreate(Wire, frozen=True):
    """Open a new group room; I become its facilitator."""

    name: Name
    topic: Topic = ""
    access: Access = "open"
    agreements: Agreements = ""
    capacity: Capacity = 200
    expires_after_days: Days | None = None


class RoomCreated(Wire, frozen=True):
    info: Room


class RoomUpdate(Wire, frozen=True):
    """Change a room. What is left out stays. New agreements must be accepted anew."""

    room: UUID
    name: Name | None = None
    topic: Topic | None = None
    access: Access | None = None
    agreements: Agreements | None = None
    capacity: Capacity | None = None
    expires_after_days: DaysOrNever | None = None


class RoomUpdated(Wire, frozen=True):
    info: Room


class RoomMembers(Wire, frozen=True):
    """Who belongs to a room."""

    room: UUID


class RoomMembersListed(Wire, frozen=True):
    members: list[Member]


class RoomInvite(Wire, frozen=True):
    """Let somebody into a room that is by invitation or hidden."""

    room: UUID
    handle: Handle


class MessageSend(Wire, frozen=True):
    """Say something. `key` is the client's own UUID: the same key gives the same answer, so a
    retry is never a second message. Without one the server chooses one, and a retry is."""

    room: UUID
    text: Text
    key: UUID | None = None
    reply_to: Seq | None = None


class MessageSent(Wire, frozen=True):
    seq: Seq
    id: UUID
    at: datetime
    held: Annotated[bool, Meta(description="Waits for a moderator before others see it.")]


class MessageSince(Wire, frozen=True):
    """The messages after a place in the order, oldest first."""

    room: UUID
    after: After
    limit: Limit = 100


class MessagePage(Wire, frozen=True):
    messages: list[Message]
    last_seq: After


class MessageBefore(Wire, frozen=True):
    """Older messages, oldest first, ending just before `before`."""

    room: UUID
    before: Seq
    limit: Limit = 50


class MessageHistory(Wire, frozen=True):
    messages: list[Message]
    more: Annotated[bool, Meta(description="There are older ones still.")]


class MessageEdit(Wire, frozen=True):
    """Change my message. The new text is screened like a new one."""

    room: UUID
    seq: Seq
    text: Text


class MessageRetract(Wire, frozen=True):
    """Take my message back; its text is erased."""

    room: UUID
    seq: Seq


class MessageReact(Wire, frozen=True):
    """Add or take back a reaction."""

    room: UUID
    seq: Seq
    reaction: Reaction
    on: bool


class MessageRelease(Wire, frozen=True):
    """Let a held message be seen."""

    room: UUID
    seq: Seq


class MessageRemove(Wire, frozen=True):
    """Take somebody's message out of sight; the text is kept for review."""

    room: UUID
    seq: Seq


class MessageAnswer(Wire, frozen=True):
    message: Message


class ReadMark(Wire, frozen=True):
    """I have read up to here. It never moves back."""

    room: UUID
    seq: After


class ReadMarked(Wire, frozen=True):
    seq: After


class TypingSet(Wire, frozen=True):
    """I am writing, or have stopped. Not passed on unless I let typing be shown."""

    room: UUID
    on: bool


class PersonMe(Wire, frozen=True):
    """Who I am, and my settings."""


class PersonMeAnswer(Wire, frozen=True):
    me: Me


class SettingsSet(Wire, frozen=True):
    """Change my settings. What is left out stays."""

    presence_shown: bool | None = None
    typing_shown: bool | None = None
    language: Language | None = None


class BlockList(Wire, frozen=True):
    """Whom I have blocked."""


class BlockListed(Wire, frozen=True):
    people: list[Person]


class BlockAdd(Wire, frozen=True):
    """Neither of us sees what the other says, in any room."""

    person: UUID


class BlockRemove(Wire, frozen=True):
    """Lift my block."""

    person: UUID
