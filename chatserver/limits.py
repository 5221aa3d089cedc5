"""How fast one may ask and speak. Buckets live in the memory of this node."""

import math
import time
from collections import OrderedDict
from uuid import UUID

from rooms.chat.errors import RateLimited
from rooms.chat.rules import Bucket, Rate, take

from .errors import TooManyRequests
from .socket.connection import Connection

KEPT_BUCKETS = 50_000
"""Buckets of people in rooms; the longest unused are forgotten, which only fills them."""


class Limits:
    """Token buckets: one per connection for all requests, one per person and room for messages."""

    def __init__(self, events: Rate, messages: Rate) -> None:
        self._events, self._messages = events, messages
        # By numbers: a UUID is hashed ten times as slowly as its own.
        self._buckets: OrderedDict[tuple[int, int], Bucket] = OrderedDict()

    def check_request(self, connection: Connection) -> None:
        """Raises TooManyRequests."""
        connection.bucket, wait = take(connection.bucket, self._events, time.monotonic())
        if wait:
            raise TooManyRequests(retry_after=_rounded(wait))

    def check_message(self, person: UUID, room: UUID) -> None:
        """Raises RateLimited."""
        place = person.int, room.int
        known = self._buckets.pop(place, None)
        self._buckets[place], wait = take(known, self._messages, time.monotonic())
        if len(self._buckets) > KEPT_BUCKETS:
            self._buckets.popitem(last=False)
        if wait:
            raise RateLimited(retry_after=_rounded(wait))


def _rounded(wait: float) -> float:
    """Up, to hundredths: whoever waits so long is not refused again."""
    return math.ceil(wait * 100) / 100
