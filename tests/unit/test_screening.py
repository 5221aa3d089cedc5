"""The first screen: what is said outright is found, and nobody in a crisis is held back."""

import time
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.phrases import RULES
from moderation.screening import CRISIS, PhraseScreen, judge_text, verdict_of
from people.ids import PersonId
from rooms.chat.screen import Category, Submission
from rooms.ids import RoomId

CRISES = (
    "I want to die", "i WANT to DIE", "I am going to kill myself tonight", "suicidal again",
    "quiero morir", "Me quiero morir", "pienso en quitarme la vida", "I took all my pills",
    "I think I am overdosing", "I keep cutting myself", "about to relapse", "voy a recaer",
    "\uff49 \uff57\uff41\uff4e\uff54 to die",
)  # fmt: skip
HELD = (
    "mail me at robin.b@example.org", "call +1 555 010 2003", "0034 600-123-456",
    "selling oxy cheap", "DM me for prices", "vendo pastillas",
)  # fmt: skip
PASSED = (
    "hello", "thirty days today", "I killed the lights", "my sponsor is at page 417", "2026-11-23",
    "we meet at 19:30, room 12", "10/10 would come again", "einfach da sein", "1234567",
)  # fmt: skip


def submission(text: str) -> Submission:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    return Submission(RoomId(UUID(int=1)), PersonId(UUID(int=2)), text, (), now)


@pytest.mark.parametrize("text", CRISES)
def test_a_crisis_is_flagged_and_never_held(text: str) -> None:
    verdict = judge_text(text)
    assert not verdict.hold
    assert {flag.category for flag in verdict.flags} & CRISIS


@pytest.mark.parametrize("text", HELD)
def test_what_should_wait_for_a_moderator_waits(text: str) -> None:
    verdict = judge_text(text)
    assert verdict.hold
    assert not {flag.category for flag in verdict.flags} & CRISIS


@pytest.mark.parametrize("text", PASSED)
def test_what_is_said_every_day_passes(text: str) -> None:
    verdict = judge_text(text)
    assert (verdict.hold, verdict.flags) == (False, ())


@pytest.mark.parametrize("crisis", CRISES)
def test_a_crisis_is_not_held_for_what_else_the_message_holds(crisis: str) -> None:
    for other in HELD:
        for text in (f"{crisis}. {other}", f"{other}. {crisis}"):
            verdict = judge_text(text)
            assert not verdict.hold
            assert len(verdict.flags) >= 2


@given(st.lists(st.sampled_from(RULES)))
def test_no_mix_of_rules_holds_a_crisis(rules: list[object]) -> None:
    found = [rule for rule in RULES if rule in rules]
    verdict = verdict_of(found)
    crisis = any(rule.category in CRISIS for rule in found)
    assert verdict.hold is (not crisis and any(rule.hold for rule in found))
    assert [flag.reasons for flag in verdict.flags] == [(rule.name,) for rule in found]


def test_the_rows_keep_what_the_list_promises() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert 1 <= rule.severity <= 4
        assert not (rule.hold and (rule.severity == 4 or rule.category in CRISIS))
        if rule.category in {Category.SOLICITATION, Category.PII, Category.SPAM}:
            assert rule.severity <= 3
    assert {rule.category for rule in RULES if rule.severity == 4} <= CRISIS


@given(st.text(st.characters(exclude_categories=()), max_size=200))
def test_no_text_makes_the_screen_fail_and_no_reason_quotes_it(text: str) -> None:
    verdict = PhraseScreen().judge(submission(text))
    names = {rule.name for rule in RULES}
    assert {reason for flag in verdict.flags for reason in flag.reasons} <= names


@pytest.mark.parametrize(
    "text",
    ["a" * 4000, "1 " * 2000, "+1-" * 1300, "a.b@" * 1000, "a@" + "b." * 1999, "@" * 4000,
     "\ufdfa" * 4000, "took all " * 440, "e\u0301" * 2000],
)  # fmt: skip
def test_no_text_takes_long(text: str) -> None:
    started = time.process_time()
    PhraseScreen().judge(submission(text))
    assert time.process_time() - started < 0.5, "well under a millisecond for what people write"
