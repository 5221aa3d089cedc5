"""Rules of accounts: pure, `now` is an argument."""

import math
import re
import unicodedata
from datetime import datetime, timedelta

from people.permissions import Action, Principal, Role, allowed
from people.refusal import NotAllowed

from .errors import (
    CommunityNameEmpty,
    HandleInvalid,
    HandleReserved,
    PasswordTooCommon,
    PasswordTooShort,
    SignInThrottled,
    Suspended,
)
from .model import Failures

MIN_PASSWORD = 10
MIN_LETTERS = 4
"""Different characters: "aaaaaaaaaa" is no password."""
FAILURE_WINDOW = timedelta(hours=1)
FREE_PAIR_FAILURES = 5
FREE_ADDRESS_FAILURES = 30
"""An address may be a whole clinic behind one router, so it has more room than one handle."""
LONGEST_WAIT = timedelta(minutes=5)

_HANDLE = re.compile(r"[^\W_](?:[\w.\-]{0,30}[^\W_])", re.UNICODE)
_RESERVED = frozenset({"admin", "administrator", "moderator", "system", "support", "server"})
_COMMON = ("password", "1234567890", "qwertyuiop", "contraseña", "iloveyou", "letmein")


def normal_handle(handle: str) -> str:
    """The handle as it is shown: NFKC, so that one look has one spelling.

    Raises HandleInvalid, HandleReserved.
    """
    shown = unicodedata.normalize("NFKC", handle).strip()
    if not _HANDLE.fullmatch(shown):
        raise HandleInvalid
    if handle_key(shown) in _RESERVED:
        raise HandleReserved
    return shown


def handle_key(handle: str) -> str:
    """What makes two handles the same: neither case nor width counts (Unicode TR 36)."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", handle).casefold()).strip()


def community_name(name: str) -> str:
    """The name as it is shown. Raises CommunityNameEmpty."""
    if not name.strip():
        raise CommunityNameEmpty
    return name.strip()


def check_password(password: str, handle: str) -> None:
    """Length first, as NIST SP 800-63B asks; no rules about kinds of characters.

    Raises PasswordTooShort, PasswordTooCommon.
    """
    if len(password) < MIN_PASSWORD:
        raise PasswordTooShort
    plain = password.casefold()
    bare = plain.replace(handle.casefold(), "").strip("0123456789!.-_ ")
    if not bare or len(set(plain)) < MIN_LETTERS or any(bare == common for common in _COMMON):
        raise PasswordTooCommon


def check_sign_in(failures: Failures, now: datetime) -> None:
    """Slow guessing down without locking anybody out.

    Failures count per handle *and* address, so that a stranger elsewhere cannot keep the owner
    from signing in. The wait doubles with each failure past the free ones.

    Raises SignInThrottled.
    """
    over = max(failures.pair - FREE_PAIR_FAILURES, failures.address - FREE_ADDRESS_FAILURES)
    if over < 0 or failures.last_at is None:
        return
    wait = min(timedelta(seconds=2 ** min(over, 10)), LONGEST_WAIT)
    left = (failures.last_at + wait - now).total_seconds()
    if left > 0:
        raise SignInThrottled(retry_after=math.ceil(left * 10) / 10)


def check_active(who: Principal) -> None:
    """Raises Suspended."""
    if who.suspended_at is not None:
        raise Suspended


def check_may_invite(who: Principal, role: Role) -> None:
    """Members may be asked in by staff, anybody with a role only by an admin.

    Raises NotAllowed.
    """
    action = Action.INVITE_PERSON if role is Role.MEMBER else Action.INVITE_STAFF
    if not allowed(who.roles, action):
        raise NotAllowed
