"""What an account is made of. Who acts is `people.permissions.Principal`."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from people.ids import PersonId
from people.permissions import Role

LINK_LIFETIME = timedelta(hours=12)
"""How long a printed sign-in link works; it works once."""


@dataclass(frozen=True, slots=True)
class Community:
    """The one community of this server."""

    name: str
    sample: bool
    setup_needed: bool


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a sign-in is checked against."""

    person: PersonId
    password_hash: str | None


@dataclass(frozen=True, slots=True)
class Invitation:
    """A way in for one person."""

    role: Role
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """An invitation just made; the code is known only now."""

    code: str
    invitation: Invitation


@dataclass(frozen=True, slots=True)
class Failures:
    """Sign-ins that failed lately, for one handle from one address, and from that address."""

    pair: int
    address: int
    last_at: datetime | None
