"""Where the time comes from. Rules take `now`; only the shells ask a clock."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Answers the time, with its zone."""


def system_clock() -> datetime:
    """The machine's time, in UTC."""
    return datetime.now(UTC)
