"""Which channels no other node listens to."""

import asyncio
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

ALONE_SECONDS = 1.0
KEPT = 10_000
"""Channels remembered before those whose time is over are thrown out."""


class Solitude:
    """Remembers for a second that nobody else listened to a channel. `now` is any clock's time.

    What it guarantees: a new message is hinted at, or another node that follows the room finds it
    by its sweep, a second later at most. Nothing but time depends on it:

    - The second begins when Redis has answered that nobody else listens. After it, the next hint
      is published again and asks anew, so a node that was never heard is left out for a second.
    - Whatever another node says on the channel ends it at once. A node that begins to follow a
      room says who is there some tenths of a second later (presence.py).
    - The other node may subscribe just after Redis answered. It reads the room after it has
      subscribed; hints kept back from then until it is heard are what its sweep finds.
    - Should it be heard before that answer arrives, the answer is out of date and counts for
      nothing: `answered` believes only what nobody has contradicted since `asks`.
    """

    def __init__(self) -> None:
        self._until: dict[str, float] = {}
        self._asked: set[str] = set()

    def asks(self, channels: Iterable[str]) -> None:
        """Redis is being asked who listens."""
        self._asked.update(channels)

    def answered(self, channel: str, others: int, now: float) -> None:
        """Redis has said how many others listen."""
        if others > 0 or channel not in self._asked:
            self._until.pop(channel, None)
            return
        self._asked.discard(channel)
        if len(self._until) >= KEPT:
            self._until = {known: until for known, until in self._until.items() if until > now}
        self._until[channel] = now + ALONE_SECONDS

    def heard(self, channel: str) -> None:
        """Another node said something there."""
        self._asked.discard(channel)
        self._until.pop(channel, None)

    def alone(self, channel: str, now: float) -> bool:
        """Whether nobody else listens, as far as is known."""
        until = self._until.get(channel)
        return until is not None and now < until


@dataclass(frozen=True, slots=True)
class Census:
    """Counts who else listens, from what Redis answers to a hint.

    This node counts among the receivers once Redis has confirmed that it listens, and `listens`
    says so: before it asks, for it may have begun to listen after it was counted, and still when
    it is answered, for it may have ended before. Where it is wrong for a moment it is so towards
    a longer count: a connection that is lost and that Redis still counts.
    """

    solitude: Solitude
    listens: Callable[[str], bool]
    listened: set[str] = field(default_factory=set)

    def asks(self, channels: Collection[str]) -> None:
        """Hints are about to be published on these channels."""
        self.solitude.asks(channels)
        self.listened.clear()
        self.listened.update(filter(self.listens, channels))

    def answered(self, channel: str, receivers: int) -> None:
        """So many received the hint, this node among them if it listens."""
        others = receivers - (channel in self.listened and self.listens(channel))
        self.solitude.answered(channel, others, asyncio.get_running_loop().time())
