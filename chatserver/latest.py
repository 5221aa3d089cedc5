"""The latest messages of a live room, kept while people come: a crowd that returns at once is not
a crowd at the database."""

from collections import deque
from collections.abc import Sequence
from datetime import datetime

from rooms.chat.model import Stored

from .live import New

LATEST = 50
"""Messages given to somebody who joins without saying what they have."""
KEPT_SECONDS = 10.0
"""How long they are kept after the last who came."""


class Latest:
    """Every message that is served after `complete_after`, oldest first.

    Is told of each message and change that the room's followers are told of, in the same turn, so
    it is always as far as they are. `used_at` is the loop's clock.
    """

    def __init__(self, messages: Sequence[Stored], used_at: float) -> None:
        self._kept = deque((New(message) for message in messages), maxlen=LATEST)
        self._complete_after = messages[0].seq - 1 if len(messages) >= LATEST else 0
        self.used_at = used_at

    def add(self, new: New) -> None:
        """A message that follows."""
        if len(self._kept) == LATEST:
            self._complete_after = self._kept[0].message.seq
        self._kept.append(new)

    def change(self, changed: New) -> None:
        """One of them has changed."""
        for index, kept in enumerate(self._kept):
            if kept.message.seq == changed.message.seq:
                self._kept[index] = changed

    def after(self, seq: int | None, cutoff: datetime | None) -> list[New] | None:
        """Those after a place that are younger than `cutoff`, or simply the latest; None when
        there may be others."""
        if seq is not None and seq < self._complete_after:
            return None
        return [
            new
            for new in self._kept
            if new.message.seq > (seq or 0) and (cutoff is None or new.message.at > cutoff)
        ]
