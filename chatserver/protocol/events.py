"""What the server tells clients unasked."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from .common import After, Message, Person, Room, Wire


class MessageNew(Message, frozen=True):
    """A new message, exactly once and in the room's order."""


class MessageChanged(Message, frozen=True):
    """A message was edited, retracted, removed, released or reacted to: its whole new view."""


class RoomChanged(Wire, frozen=True):
    """A room's name, topic, agreements or my place in it changed; or I was let into it."""

    info: Room


class RoomRemoved(Wire, frozen=True):
    """I am no longer a member, or may no longer see the room."""

    room: UUID


class PresenceChanged(Wire, frozen=True):
    """Everybody in the room who lets it be seen. Replaces what was known."""

    room: UUID
    people: list[Person]


class TypingChanged(Wire, frozen=True):
    """Somebody writes or has stopped. Without another word it ends after six seconds."""

    room: UUID
    person: Person
    on: bool


class ReadChanged(Wire, frozen=True):
    """I read further on another of my devices."""

    room: UUID
    seq: After


class PersonChanged(Wire, frozen=True):
    """My roles, settings or blocks changed: ask `person:me` and join my rooms anew."""


class SessionEnded(Wire, frozen=True):
    """The connection ends now and will be refused until I sign in again."""

    reason: Literal["signed_out", "expired", "suspended"]


class ServerGoodbye(Wire, frozen=True):
    """This server is about to stop; come back after so many seconds."""

    retry_after: Annotated[float, Meta(description="Seconds.")]
