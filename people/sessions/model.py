"""Where somebody is signed in."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from people.ids import PersonId, SessionId

LIFETIME = timedelta(days=30)
"""A session ends this long after it was last used."""
SEEN_EVERY = timedelta(hours=1)
"""How often its last use is written down."""


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in on one device. `device` is a few words, never the whole user agent."""

    id: SessionId
    person: PersonId
    device: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session just made; the token is known only now."""

    token: str
    session: Session
