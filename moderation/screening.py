"""The first screen behind the port of rooms/chat: pass, hold or flag by a list of phrases."""

import unicodedata
from collections.abc import Iterable
from datetime import datetime

from moderation.flags import store
from moderation.phrases import RULES, Rule
from people.connection import Conn
from rooms.chat.screen import Category, Flag, Place, Submission, Verdict

VERSION = "phrases-1"
CRISIS = frozenset(
    {
        Category.SUICIDE,
        Category.SELF_HARM,
        Category.OVERDOSE,
        Category.RELAPSE,
        Category.VIOLENCE,
        Category.MEDICAL,
        Category.ABUSE,
    }
)
"""Whoever speaks of these is never held, muted or hidden for it."""


NOTHING = Verdict(False, (), VERSION)


def verdict_of(matched: Iterable[Rule]) -> Verdict:
    """What follows from the rules that matched. Any sign of a crisis means: not held."""
    rules = tuple(matched)
    if not rules:
        return NOTHING
    flags = tuple(Flag(rule.category, rule.severity, (rule.name,)) for rule in rules)
    crisis = any(rule.category in CRISIS for rule in rules)
    return Verdict(not crisis and any(rule.hold for rule in rules), flags, VERSION)


def judge_text(text: str) -> Verdict:
    """Judge one text by itself: a pure function of it."""
    plain = text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()
    return verdict_of([rule for rule in RULES if rule.matches(plain)])


UNSCREENED = Verdict(False, (Flag(Category.UNSCREENED, 2, ("screen.failed",)),), VERSION)
"""What stands when the screen itself fails: a person looks, and nobody is silenced."""


class PhraseScreen:
    """Fills the port `rooms.chat.screen.Screen`."""

    def judge(self, submission: Submission) -> Verdict:
        """Judge one text. A failure inside counts as "a person must look", never as nothing."""
        try:
            return judge_text(submission.text)
        except Exception:  # noqa: BLE001 - whatever fails here, the message is flagged for a person
            return UNSCREENED

    async def record(self, conn: Conn, place: Place, verdict: Verdict, now: datetime) -> None:
        """Store the flags, in the transaction that stores the message."""
        await store.insert(conn, place, verdict.flags, verdict.version, now)
