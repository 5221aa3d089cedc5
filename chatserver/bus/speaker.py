"""What this node says to the others, through one server."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable
from itertools import islice

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ResponseError

from chatserver.logs import get_log
from chatserver.metrics import Metrics

from .hints import AnyHint, Post
from .solitude import Census
from .wire import (
    ANSWER_SECONDS,
    BACKOFF_SECONDS,
    FAILURES,
    PLAIN,
    Connect,
    Words,
    answer,
    ask,
    dropped,
    opened,
    send,
)

QUEUED = 10_000
"""Hints that wait for one server; older ones are dropped, the sweep makes up for them."""
TOGETHER = 500
"""Hints that go to Redis at once: those of one channel as one message."""

Said = tuple[str, AnyHint]


class Speaker:
    """Publishes hints through one server, in order, and at it through every failure.

    The census gets what each hint tells of who listens, where the server can count them all.
    `refused` is called when it will not take a hint, such as after its slots have moved, and when
    it is away. A hint that was refused is dropped.
    """

    def __init__(
        self,
        connect: Connect,
        words: Words,
        post: Post,
        metrics: Metrics,
        census: Census,
        *,
        refused: Callable[[], None],
    ) -> None:
        self._connect, self._words, self._post, self._metrics = connect, words, post, metrics
        self._census, self._refused = census, refused
        self._connection: AbstractConnection | None = None
        self._counts = False
        self._outbox: deque[Said] = deque(maxlen=QUEUED)
        self._stirred = asyncio.Event()

    def say(self, channel: str, hint: AnyHint) -> None:
        """Publish a hint soon."""
        if len(self._outbox) == QUEUED:
            self._metrics.bus_dropped.inc()
        self._outbox.append((channel, hint))
        self._stirred.set()

    def unsaid(self) -> list[Said]:
        """What still waits, to be said elsewhere."""
        left = list(self._outbox)
        self._outbox.clear()
        return left

    async def run(self) -> None:
        """Publish until cancelled."""
        attempt = 0
        while True:
            await self._stirred.wait()
            self._stirred.clear()
            try:
                await self.empty()
                attempt = 0
            except FAILURES:
                self._refused()
                await asyncio.sleep(BACKOFF_SECONDS[min(attempt, len(BACKOFF_SECONDS) - 1)])
                attempt += 1
                self._stirred.set()

    async def empty(self) -> None:
        """Publish what waits. Raises one of FAILURES; what was not published then waits on."""
        while self._outbox:
            batch = list(islice(self._outbox, TOGETHER))
            connection = await self._ready()
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    await self._publish(connection, batch)
            except BaseException:
                await self.close()  # answers that are still under way must answer nothing else
                raise
            for _ in range(min(len(batch), len(self._outbox))):
                self._outbox.popleft()

    async def close(self) -> None:
        """Let go of the connection; the next hint opens another."""
        connection, self._connection = self._connection, None
        await dropped(connection)

    async def _ready(self) -> AbstractConnection:
        if self._connection is not None and await self._connection.can_read():
            await self.close()  # it has been closed, for nothing is to be read here
        if self._connection is None:
            self._connection = await opened(self._connect)
            self._counts = self._words is not PLAIN or await _serves_alone(self._connection)
        return self._connection

    async def _publish(self, connection: AbstractConnection, batch: list[Said]) -> None:
        by_channel: defaultdict[str, list[AnyHint]] = defaultdict(list)
        for channel, hint in batch:
            by_channel[channel].append(hint)
        if self._counts:
            self._census.asks(by_channel)
        seal, word = self._post.seal, self._words.publish
        await send(connection, [(word, name, seal(hints)) for name, hints in by_channel.items()])
        for channel, hints in by_channel.items():
            try:
                receivers = await answer(connection)
            except ResponseError as error:
                self._metrics.bus_dropped.inc(len(hints))
                get_log().warning("bus.refused", error=type(error).__name__)
                self._refused()
            else:
                if self._counts:
                    self._census.answered(channel, receivers)


async def _serves_alone(connection: AbstractConnection) -> bool:
    """Whether the server is no part of a cluster: there, PUBLISH counts those who listen to this
    one server only. One that does not say is not believed to."""
    try:
        return b"cluster_enabled:0" in await ask(connection, "INFO", "cluster")
    except ResponseError:
        return False
