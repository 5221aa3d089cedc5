"""A room, and where somebody stands in it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from people.ids import PersonId
from people.permissions import Principal, Relation
from rooms.ids import RoomId
from rooms.vault.model import WrappedKey


class Access(StrEnum):
    """How one gets in. `open`: anybody here. `invitation`: listed, but one is let in.
    `hidden`: not listed either."""

    OPEN = "open"
    INVITATION = "invitation"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Room:
    """A group room. `members_version` moves with every change of membership or of these."""

    id: RoomId
    name: str
    topic: str
    access: Access
    agreements: str
    agreements_version: int
    capacity: int
    expires_after_days: int | None
    key: WrappedKey
    last_seq: int
    revision: int
    members_version: int

    @property
    def facts(self) -> tuple[object, ...]:
        """What members are told of when it changes."""
        return (
            self.name,
            self.topic,
            self.access,
            self.agreements_version,
            self.capacity,
            self.expires_after_days,
        )

    def serves_after(self, now: datetime) -> datetime | None:
        """Messages up to this time are no longer served; None: all are."""
        days = self.expires_after_days
        return None if days is None else now - timedelta(days=days)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one person stands towards one room: what every check in a room starts from."""

    who: Principal
    room: Room
    relation: Relation
    agreed_version: int
    read_seq: int

    @property
    def agreed(self) -> bool:
        """Whether the agreements in force were accepted."""
        return not self.room.agreements or self.agreed_version >= self.room.agreements_version


@dataclass(frozen=True, slots=True)
class Listed:
    """A room in somebody's list."""

    standing: Standing
    members: int


@dataclass(frozen=True, slots=True)
class Member:
    """A member as others in the room see them."""

    id: PersonId
    handle: str
    facilitator: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """What a new room is to be."""

    name: str
    topic: str = ""
    access: Access = Access.OPEN
    agreements: str = ""
    capacity: int = 200
    expires_after_days: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What is to change of a room; None stays. `expires_after_days` 0: kept until removed."""

    name: str | None = None
    topic: str | None = None
    access: Access | None = None
    agreements: str | None = None
    capacity: int | None = None
    expires_after_days: int | None = None
