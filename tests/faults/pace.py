"""How fast a room goes on: near, on the node where something was said, and far, on the others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from tests.faults.member import Member, Spoken

FAR_SECONDS = 2.0
"""Without hints: the sweep looks once a second, and then reads."""
NEAR_SECONDS = 1.0
"""For one message of hundreds on a busy machine; the usual one takes some hundredths."""
SLOWER = 1.5
NOISE_SECONDS = 0.08
"""A node without hints sees gaps: it waits 0.03 s for a missing message, and then reads it."""
RATE = 0.7
"""Of what was said a second before: as much as a busy machine keeps by itself."""


@dataclass(frozen=True)
class Stretch:
    """What was said within a while, while nobody changed nodes."""

    spoken: Sequence[Spoken]
    seconds: float

    @property
    def rate(self) -> float:
        """Messages a second."""
        return len(self.spoken) / self.seconds

    def near(self, members: Iterable[Member]) -> list[float]:
        """From saying to hearing, for every message and member on its node."""
        return self._delays(members, near=True)

    def far(self, members: Iterable[Member]) -> list[float]:
        """From saying to hearing, for every message and member on another node."""
        return self._delays(members, near=False)

    def _delays(self, members: Iterable[Member], *, near: bool) -> list[float]:
        return [
            member.arrived[said.what.id].at - said.began
            for member in members
            for said in self.spoken
            if (member.home == said.node) is near
        ]


def hurt(before: Stretch, during: Stretch, members: Sequence[Member]) -> list[str]:
    """Every way in which members notice that Redis is away: near they are not to, far they wait
    for the sweep."""
    usual, near, far = (
        median(before.near(members)),
        during.near(members),
        during.far(members),
    )
    found = {
        f"{during.rate:.0f} messages a second, after {before.rate:.0f}": during.rate
        < RATE * before.rate,
        f"usually {median(near):.3f} s near, after {usual:.3f} s": median(near)
        > SLOWER * usual + NOISE_SECONDS,
        f"{max(near):.2f} s near": max(near) > NEAR_SECONDS,
        f"{max(far):.2f} s far": max(far) > FAR_SECONDS,
    }
    return [sentence for sentence, holds in found.items() if holds]
