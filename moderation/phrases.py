"""A first, short list of phrases. It finds what is said outright and nothing more.

Each row: a rule's name, its category, its severity, whether a match waits for a moderator, and
the pattern. A crisis is never held (no row of severity 4 or of a crisis category may be).
"""

import re
from dataclasses import dataclass

from rooms.chat.screen import Category


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the list."""

    name: str
    category: Category
    severity: int
    hold: bool
    signs: tuple[str, ...]
    """No text without one of these matches, and looking for them is much faster."""
    pattern: re.Pattern[str]

    def matches(self, plain: str) -> bool:
        """Whether the rule applies to a text that was normalised and folded."""
        for sign in self.signs:
            if sign in plain:
                return self.pattern.search(plain) is not None
        return False


def _rule(
    name: str, category: Category, severity: int, hold: bool, signs: str, pattern: str
) -> Rule:
    return Rule(name, category, severity, hold, tuple(signs.split("|")), re.compile(pattern))


RULES = (
    _rule(
        "suicide.intent.en", Category.SUICIDE, 4, False, "myself| life|to die|suicidal",
        r"\b(kill(ing)? myself|end(ing)? my life|take my own life|want to die|suicidal)\b",
    ),
    _rule(
        "suicide.intent.es", Category.SUICIDE, 4, False, "matarme|suicidarme|la vida|morir",
        r"\b(matarme|suicidarme|quitarme la vida|me quiero morir|quiero morir)\b",
    ),
    _rule(
        "overdose.now", Category.OVERDOSE, 4, False, "overdosing| pills|sobredosis",
        r"\b(overdosing|took (all|too many) (of )?(the|my) pills|sobredosis)\b",
    ),
    _rule(
        "self_harm.intent", Category.SELF_HARM, 3, False, "myself|cortarme|hacerme",
        r"\b(cut(ting)? myself|hurt(ing)? myself|cortarme|hacerme daño)\b",
    ),
    _rule(
        "relapse.imminent", Category.RELAPSE, 2, False, "about to|recaer",
        r"\b(about to (relapse|use|drink)|voy a recaer)\b",
    ),
    _rule(
        "pii.email", Category.PII, 2, True, "@",
        r"@(?<=[\w.+-]@)[\w-]{1,63}(\.[\w-]{1,63}){1,4}\b",
    ),
    # Nine digits or more, of any script, with at most two marks between them; a date is none.
    _rule(
        "pii.phone", Category.PII, 2, True, "",
        r"\d(?<!\w\d)(?!\d{3}-\d\d-\d\d)(?:[ .()/-]{0,2}\d){8,14}(?!\w)",
    ),
    _rule(
        "solicitation.sale", Category.SOLICITATION, 3, True, "dm me|selling|vendo",
        r"\b(dm me (to buy|for prices)|selling (oxy|xans|fent|pills)|vendo pastillas)\b",
    ),
)  # fmt: skip
