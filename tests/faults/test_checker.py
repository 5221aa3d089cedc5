"""The checker itself: it accepts what is right, and finds each kind of wrong that is planted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.faults.checker import Acknowledged, Connection, Row, Told, View, verdict
from tests.faults.trace import reproaches

ROWS = [Row("r", n, f"id{n}", f"key{n}") for n in range(1, 7)]
SAID = [Acknowledged("r", f"key{n}", n, f"id{n}", f"text{n}") for n in range(1, 7)]
TOLD = [Told(n, f"id{n}", f"text{n}") for n in range(1, 7)]


def seen(*connections: Connection) -> list[str]:
    return verdict(SAID, ROWS, [View("robin", "r", connections)])


def test_two_connections_that_together_have_everything_once() -> None:
    assert not seen(Connection(0, [], TOLD[:2]), Connection(), Connection(4, TOLD[2:4], TOLD[4:]))


def test_a_client_that_only_listened_late_has_it_from_pages() -> None:
    assert not seen(Connection(6, TOLD, []))


@pytest.mark.parametrize(
    ("connections", "complaint"),
    [
        ([Connection(0, [], TOLD[:5])], "never given: [6]"),
        ([Connection(2, TOLD[:2], TOLD[1:])], "live 2 where 3 was next"),
        ([Connection(0, [], [*TOLD[:3], TOLD[2], *TOLD[3:]])], "live 3 where 4 was next"),
        ([Connection(0, [], [*TOLD[:3], TOLD[4], TOLD[3], TOLD[5]])], "live 5 where 4"),
        ([Connection(2, TOLD[:2], TOLD[3:]), Connection(6, TOLD[2:3], [])], "live 4 where 3"),
        ([Connection(3, TOLD[:3], []), Connection(6, TOLD[2:], [])], "more than once: [3]"),
        ([Connection(None, [], TOLD)], "before the answer"),
        ([Connection(5, TOLD[:5], [Told(6, "other", "text6")])], "not what is stored"),
        ([Connection(6, [*TOLD, Told(7, "id7", "text7")], [])], "7 is not what is stored"),
        ([Connection(5, TOLD[:5], [Told(6, "id6", "else")])], "another text"),
    ],
)
def test_a_view_that_is_wrong(connections: list[Connection], complaint: str) -> None:
    assert any(complaint in sentence for sentence in seen(*connections))


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        (ROWS[:-1], "and not stored"),
        ([*ROWS[:2], *ROWS[3:]], "holes: [3]"),
        ([*ROWS, replace(ROWS[5], seq=7)], "key key6: stored 2 times"),
        ([*ROWS, Row("r", 6, "id9", "key9")], "place 6 is stored 2 times"),
        ([*ROWS[:4], replace(ROWS[4], seq=6), replace(ROWS[5], seq=5)], "stored as"),
    ],
)
def test_a_store_that_is_wrong(rows: list[Row], complaint: str) -> None:
    assert any(complaint in sentence for sentence in verdict(SAID, rows, []))


def test_a_log_that_is_right() -> None:
    assert not reproaches(['{"event": "bus.lost", "level": "warning"}'], ["secret"], 1)


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        (['{"level": "error"}'], '{"level": "error"}'),
        (["Traceback (most recent call last):"], "Traceback"),
        (["it was a secret"], "in the log: secret"),
        (["one", "two", "three"], "3 lines"),
    ],
)
def test_a_log_that_is_wrong(lines: list[str], complaint: str) -> None:
    (found,) = reproaches(lines, ["secret"], 2)
    assert complaint in found
