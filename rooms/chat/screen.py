"""The port through which every text is judged before anybody sees it.

`rooms` declares what it needs; moderation fills it; the application joins the two.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from people.connection import Conn
from people.ids import PersonId
from rooms.ids import MessageId, RoomId


class Category(StrEnum):
    """What a flag is about."""

    SUICIDE = "suicide"
    SELF_HARM = "self_harm"
    OVERDOSE = "overdose"
    RELAPSE = "relapse"
    VIOLENCE = "violence"
    MEDICAL = "medical"
    ABUSE = "abuse"
    SOLICITATION = "solicitation"
    PII = "pii"
    HARASSMENT = "harassment"
    SPAM = "spam"
    UNSCREENED = "unscreened"
    """The screen failed or was too slow: a person looks at it."""


class Turn(Struct, frozen=True):
    """One earlier message of the conversation."""

    author: PersonId
    text: str


class Submission(Struct, frozen=True):
    """What is to be judged, with the conversation before it, oldest first."""

    room: RoomId
    author: PersonId
    text: str
    recent: Sequence[Turn]
    now: datetime


@dataclass(frozen=True, slots=True)
class Flag:
    """One mark. Severity: 1 watch, 2 concern, 3 urgent, 4 imminent danger to life. The reasons
    are rule names and never quote the text."""

    category: Category
    severity: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the message waits for a moderator, and its marks. `version` names the screen."""

    hold: bool
    flags: tuple[Flag, ...]
    version: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a judged message went."""

    room: RoomId
    seq: int
    message: MessageId
    author: PersonId


class Screen(Protocol):
    """Judges texts and keeps the flags."""

    def judge(self, submission: Submission) -> Verdict:
        """Judge one text, in well under a millisecond. Never raises: a part that fails counts as
        Category.UNSCREENED."""
        ...

    async def record(self, conn: Conn, place: Place, verdict: Verdict, now: datetime) -> None:
        """Store the flags, in the transaction that stores the message."""
        ...
