"""What happened to rooms and memberships."""

from dataclasses import dataclass

from people.ids import PersonId
from rooms.ids import RoomId


@dataclass(frozen=True, slots=True)
class RoomChanged:
    """The room itself changed: drop what is cached of it and show its members the new one."""

    room: RoomId


@dataclass(frozen=True, slots=True)
class MembershipChanged:
    """Somebody came in, was invited, left, or got another part in the room."""

    room: RoomId
    person: PersonId


@dataclass(frozen=True, slots=True)
class ReadMoved:
    """Somebody read further; only their own devices are told."""

    room: RoomId
    person: PersonId
    seq: int
