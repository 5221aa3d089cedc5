"""Asking each client now and then whether it is there: one timer for all of a node's lines."""

from collections import deque

from .frames import text_frame
from .line import PING, Line

_PING_FRAME = text_frame(PING.encode())


class Heart:
    """All wait equally long, so whoever was asked first is due first: two plain queues.

    A client is asked every `ping_seconds` and has `pong_seconds` to answer. `now`
    is the loop's clock, in seconds.
    """

    def __init__(self, ping_seconds: float, pong_seconds: float) -> None:
        self._ping_seconds, self._pong_seconds = ping_seconds, pong_seconds
        self._to_ask: deque[tuple[float, Line]] = deque()
        self._asked: deque[tuple[float, Line]] = deque()

    def add(self, line: Line, now: float) -> None:
        """Ask it from now on."""
        self._to_ask.append((now + self._ping_seconds, line))

    def beat(self, now: float) -> None:
        """Ask those who are due, and cut off those who did not answer."""
        while self._asked and self._asked[0][0] + self._pong_seconds <= now:
            asked_at, line = self._asked.popleft()
            if line.asked_at == asked_at:
                line.transport.abort()
        while self._to_ask and self._to_ask[0][0] <= now:
            _, line = self._to_ask.popleft()
            if line.transport.is_closing():
                line.transport.abort()  # whoever reads nothing would never be done closing
            else:
                self._ask(line, now)

    def _ask(self, line: Line, now: float) -> None:
        if line.asked_at is None:
            line.asked_at = now
            self._asked.append((now, line))
        line.outbox.write(_PING_FRAME)
        self.add(line, now)
