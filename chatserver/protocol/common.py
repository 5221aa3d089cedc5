"""Types that several messages share. Every struct refuses fields it does not know."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

MAX_TEXT = 4000
"""Longest message, in characters. Long enough for a share in a meeting, short enough to screen."""
MAX_PAGE = 200
"""Most messages in one answer."""

Seq = Annotated[int, Meta(ge=1, le=2**53 - 1, description="Place in the room's order, from 1.")]
After = Annotated[int, Meta(ge=0, le=2**53 - 1, description="0, or the last `seq` already seen.")]
Limit = Annotated[int, Meta(ge=1, le=MAX_PAGE)]
Text = Annotated[str, Meta(min_length=1, max_length=MAX_TEXT)]
Handle = Annotated[str, Meta(min_length=1, max_length=64)]
Secret = Annotated[str, Meta(min_length=1, max_length=256)]
Reaction = Literal["heart", "hug", "strength", "candle", "gratitude", "celebrate"]
RoleName = Literal["member", "peer", "moderator", "safety_lead", "admin"]
Language = Literal["en", "es"]
Access = Literal["open", "invitation", "hidden"]
MessageState = Literal["visible", "held", "removed", "retracted", "hidden"]


class Wire(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True
):
    """Base of all that crosses the wire: immutable, strict, absent fields left out."""


class Person(Wire, frozen=True):
    """Somebody as others see them: a handle and nothing more."""

    id: UUID
    handle: str


class Me(Wire, frozen=True):
    """The signed-in person as they see themselves."""

    id: UUID
    handle: str
    roles: list[RoleName]
    presence_shown: Annotated[bool, Meta(description="Others may see that I am here.")]
    typing_shown: Annotated[bool, Meta(description="Others may see that I am writing.")]
    language: Language


class Room(Wire, frozen=True):
    """A room as the asking person sees it."""

    id: UUID
    name: str
    topic: str
    access: Access
    agreements: Annotated[str, Meta(description="What one accepts on joining. Empty: nothing.")]
    agreed: Annotated[bool, Meta(description="I have accepted the agreements in force.")]
    joined: Annotated[bool, Meta(description="I am a member.")]
    facilitator: Annotated[bool, Meta(description="I facilitate this room.")]
    capacity: int
    members: int
    expires_after_days: Annotated[int | None, Meta(description="null: kept until removed.")]
    last_seq: After
    read_seq: After
    unread: int


class Member(Wire, frozen=True):
    """One member of a room."""

    id: UUID
    handle: str
    facilitator: bool


class Message(Wire, frozen=True):
    """A message, or the place that one holds in the order when its text is not to be seen.

    `state` is left out when the message is visible. In any other state `author` and `text`
    are there only for those who may still see them: the author of a held message, and those
    who may release it. `mine` is given in answers, and in events that my own act caused;
    where it is absent in an event, what was known before stays true.
    """

    room: UUID
    seq: Seq
    id: UUID
    at: datetime
    state: MessageState = "visible"
    author: Person | None = None
    text: str | None = None
    reply_to: Seq | None = None
    edited_at: datetime | None = None
    reactions: dict[Reaction, int] = {}
    mine: list[Reaction] | None = None
    revision: Annotated[int, Meta(description="Room revision of the last change; 0: none.")] = 0


class Empty(Wire, frozen=True):
    """Nothing to say beyond "done"."""


class Error(Wire, frozen=True):
    """Why a request was refused. `code` is stable; `message` is for people."""

    code: str
    message: str
    retry_after: Annotated[float | None, Meta(description="Seconds to wait, if waiting helps.")] = (
        None
    )
