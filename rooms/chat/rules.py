"""Rules of messages: pure, `now` is an argument."""

from dataclasses import dataclass
from datetime import datetime

from msgspec import Struct

from people.ids import PersonId
from people.permissions import Action
from rooms.directory.model import Standing
from rooms.directory.rules import check_may, watches

from .errors import EditTooLate, MessageNotFound, MessageNotHeld, TextEmpty, TextUnreadable
from .model import EDIT_WINDOW, Sight, State, Stored, Viewer


def clean_text(text: str) -> str:
    """The text to store: as it was written, without white space around it.

    Raises TextEmpty, TextUnreadable (a lone surrogate or a NUL is no text).
    """
    if text.isascii() and text.isprintable() and (text := text.strip()):
        return text
    if not any(c.isprintable() and not c.isspace() for c in text):
        raise TextEmpty
    if "\0" in text or not _encodes(text):
        raise TextUnreadable
    return text.strip()


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate
        return False
    return True


def viewer(standing: Standing) -> Viewer:
    """Somebody as the rules of sight see them."""
    return Viewer(standing.who.id, standing.who.blocked, watches(standing))


def sight(message: Stored, by: Viewer) -> Sight:
    """How much of a message somebody sees.

    A block holds both ways, but not against those who must be able to act on what is said. A
    held or removed message is seen by its author and by those.
    """
    if message.author.id in by.blocked and not by.watches:
        return Sight.BLOCKED
    if message.state is State.VISIBLE:
        return Sight.FULL
    if message.state is State.RETRACTED:
        return Sight.PLACE
    return Sight.FULL if by.watches or by.id == message.author.id else Sight.PLACE


def check_own(message: Stored | None, who: PersonId) -> Stored:
    """The message, if it is there and this person's to change. Raises MessageNotFound."""
    if message is None or message.author.id != who:
        raise MessageNotFound
    if message.state not in {State.VISIBLE, State.HELD}:
        raise MessageNotFound
    return message


def check_edit(message: Stored | None, who: PersonId, now: datetime) -> Stored:
    """Raises MessageNotFound, EditTooLate."""
    own = check_own(message, who)
    if now - own.at > EDIT_WINDOW:
        raise EditTooLate
    return own


def check_react(message: Stored | None, by: Viewer) -> Stored:
    """Only what one sees can be reacted to. Raises MessageNotFound."""
    if message is None or message.state is not State.VISIBLE:
        raise MessageNotFound
    if sight(message, by) is not Sight.FULL:
        raise MessageNotFound
    return message


def check_release(message: Stored | None, where: Standing) -> Stored:
    """Nobody releases their own held message.

    Raises NotFound, NotAMember, NotAllowed, MessageNotFound, MessageNotHeld.
    """
    check_may(where, Action.MODERATE_MESSAGE)
    if message is None or message.author.id == where.who.id:
        raise MessageNotFound
    if message.state is not State.HELD:
        raise MessageNotHeld
    return message


def check_remove(message: Stored | None, where: Standing) -> Stored:
    """Raises NotFound, NotAMember, NotAllowed, MessageNotFound."""
    check_may(where, Action.MODERATE_MESSAGE)
    if message is None or message.state not in {State.VISIBLE, State.HELD}:
        raise MessageNotFound
    return message


class Bucket(Struct, frozen=True):
    """A token bucket: `tokens` were there at `at`, in seconds of any steady clock."""

    tokens: float
    at: float


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, then so many a second."""

    burst: float
    per_second: float


def take(bucket: Bucket | None, rate: Rate, at: float) -> tuple[Bucket, float]:
    """Take one token. The new bucket, and how many seconds to wait: 0 when there was one.

    A clock that jumps back fills nothing and takes nothing away.
    """
    if bucket is None:
        bucket = Bucket(rate.burst, at)
    gained = max(0.0, at - bucket.at) * rate.per_second
    tokens = min(rate.burst, bucket.tokens + gained)
    if tokens >= 1:
        return Bucket(tokens - 1, at), 0.0
    return Bucket(tokens, at), (1 - tokens) / rate.per_second
