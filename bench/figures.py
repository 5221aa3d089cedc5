"""The arithmetic of a measurement: order, percentiles, spread. No I/O."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

FULL = 0.9
"""Share of a core from which on it counts as used up."""
LATE = 0.01
"""Seconds after which a message that was due counts as sent too late."""


@dataclass(slots=True)
class Order:
    """One connection's place in one room, and what came otherwise than next."""

    next: int
    skipped: int = 0
    again: int = 0

    def take(self, seq: int) -> None:
        """A message came. What is passed over counts as skipped, even if it comes later."""
        if seq == self.next:
            self.next = seq + 1
        elif seq > self.next:
            self.skipped += seq - self.next
            self.next = seq + 1
        else:
            self.again += 1

    def missing(self, last: int) -> int:
        """How many messages up to the room's last one have not come."""
        return max(0, last + 1 - self.next)


def percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed; 0 of none."""
    if not ordered:
        return 0.0
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle of some runs, and the range they fell into."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """The spread of at least one value."""
        return cls(statistics.median(values), min(values), max(values))

    def __str__(self) -> str:
        """The median alone where all runs agree, with the range where they do not."""
        if brief(self.least) == brief(self.most):
            return brief(self.median)
        return f"{brief(self.median)} ({brief(self.least)}..{brief(self.most)})"


def brief(value: float) -> str:
    """Three digits that count, without an exponent."""
    if value == 0:
        return "0"
    places = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{float(f'{value:.3g}'):,.{places}f}"


def saturated(*, closed: bool, server: float, rest: float, late: float) -> bool:
    """True when the load generator, not the server, set the pace.

    Args:
        closed: whether the next message waits for one before it.
        server: share of a core that the busiest node used, from 0 to 1.
        rest: share that was used of the cores of everything else.
        late: seconds by which 99 of 100 messages were sent too late at the most.
    """
    if closed:
        return rest > FULL > server
    return late > LATE
