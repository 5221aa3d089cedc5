"""Storing messages: all that gather while one commit is under way go into the next.

Nobody waits on purpose: a message that comes alone is stored alone and at once. Under load one
statement and one write to the disk carry many messages, and one busy room cannot take all the
database's connections. Each is published as soon as it is stored, whether or not its sender is
still there to be told.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from itertools import groupby

import asyncpg

from people.refusal import Refusal
from rooms.chat.events import MessageAdded
from rooms.chat.model import Sent
from rooms.chat.screen import Screen
from rooms.chat.service import Composed, Outcome, store_all

from .clock import Clock
from .database import Database, Unit
from .errors import InternalError, Unavailable
from .logs import get_log
from .metrics import Metrics

BATCH = 500
"""Most messages in one commit."""
ANSWER_SECONDS = 12.0
"""A message that is not safe after this is refused; the client keeps it and tries again."""
WAITING = 20_000
"""Messages that may wait for the database in this process; more are refused."""

Answer = Callable[[Outcome], None]
"""Is called once with what became of a message. Does not raise."""


class _Waiting:
    """A message on its way to the database, and whom to tell; once that is done, nobody."""

    __slots__ = ("answer", "composed", "due")

    def __init__(self, composed: Composed, answer: Answer, due: float) -> None:
        self.composed, self.due = composed, due
        self.answer: Answer | None = answer

    def tell(self, outcome: Outcome) -> None:
        answer, self.answer = self.answer, None
        if answer is not None:
            answer(outcome)


class Writer:
    """The one way by which this node stores messages."""

    def __init__(
        self,
        database: Database,
        screen: Screen,
        clock: Clock,
        metrics: Metrics,
        publish: Callable[[Sequence[MessageAdded]], None],
    ) -> None:
        self._database, self._screen = database, screen
        self._clock, self._metrics, self._publish = clock, metrics, publish
        self._waiting: deque[_Waiting] = deque()
        self._running: asyncio.Task[None] | None = None
        self._due: deque[_Waiting] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def put(self, composed: Composed, answer: Answer) -> None:
        """Store a message; the answer comes when it is safe.

        An answer of Unavailable leaves open whether it was stored: the same key tells. Raises
        Unavailable when too many wait.
        """
        if len(self._waiting) >= WAITING:
            raise Unavailable(retry_after=2.0)
        loop = asyncio.get_running_loop()
        waiting = _Waiting(composed, answer, loop.time() + ANSWER_SECONDS)
        self._waiting.append(waiting)
        self._answer_in_time(waiting, loop)
        if self._running is None or self._running.done():
            self._running = loop.create_task(self._run())

    async def store(self, composed: Composed) -> Sent:
        """Store a message and answer when it is safe.

        Raises Unavailable (it may have been stored all the same: the same key tells), and what
        refused it.
        """
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

        def answer(outcome: Outcome) -> None:
            if not future.done():  # the request may have been given up
                future.set_result(outcome)

        self.put(composed, answer)
        return (await future).answer()

    def _answer_in_time(self, waiting: _Waiting, loop: asyncio.AbstractEventLoop) -> None:
        """All have equally long, so one timer for whoever waits longest is enough."""
        while self._due and self._due[0].answer is None:
            self._due.popleft()
        self._due.append(waiting)
        if self._timer is None:
            self._timer = loop.call_at(waiting.due, self._refuse_late)

    def _refuse_late(self) -> None:
        loop, self._timer = asyncio.get_running_loop(), None
        while self._due and (self._due[0].answer is None or self._due[0].due <= loop.time()):
            self._due.popleft().tell(Outcome(refusal=Unavailable(retry_after=1.0)))
        if self._due:
            self._timer = loop.call_at(self._due[0].due, self._refuse_late)

    async def stop(self, seconds: float) -> None:
        """Store what waits, as far as the database does it within the time; then end."""
        if self._running is not None:
            await asyncio.wait({self._running}, timeout=seconds)

    async def _run(self) -> None:
        while self._waiting:
            batch: list[_Waiting] = []
            try:
                async with self._database.units() as unit:
                    while self._waiting:  # under load one connection serves many commits
                        batch = self._next_batch()
                        await self._commit(unit, batch)
            except Exception as error:  # noqa: BLE001 - whatever it is, every sender gets an answer
                await self._apart(batch or self._next_batch(), error)

    def _next_batch(self) -> list[_Waiting]:
        """What goes into the next commit. Two tries of one message never go together."""
        batch: list[_Waiting] = []
        keys: set[int] = set()
        later: list[_Waiting] = []
        while self._waiting and len(batch) < BATCH:
            waiting = self._waiting.popleft()
            key = waiting.composed.key.int
            (later if key in keys else batch).append(waiting)
            keys.add(key)
        self._waiting.extendleft(reversed(later))
        return batch

    async def _apart(self, batch: list[_Waiting], error: Exception) -> None:
        """A batch could not be stored: when one room may be why, try room by room."""
        if not _one_room_may_be_why(error):
            self._fail(batch, error)
            return
        by_room = sorted(batch, key=_room)
        rooms = [list(group) for _, group in groupby(by_room, key=_room)]
        await asyncio.gather(*(self._store_room(room) for room in rooms))

    async def _store_room(self, batch: list[_Waiting]) -> None:
        try:
            async with self._database.units() as unit:
                await self._commit(unit, batch)
        except Exception as error:  # noqa: BLE001 - whatever it is, every sender gets an answer
            self._fail(batch, error)

    async def _commit(self, unit: Unit, batch: list[_Waiting]) -> None:
        composed = [waiting.composed for waiting in batch]
        async with unit() as conn:
            outcomes = await store_all(conn, composed, self._screen, self._clock())
        # The answers first: what wakes up for one writes it together with what is published.
        for waiting, outcome in zip(batch, outcomes, strict=True):
            waiting.tell(outcome)
        self._publish([event for outcome in outcomes for event in outcome.events])
        self._count(composed, outcomes)

    def _count(self, composed: list[Composed], outcomes: list[Outcome]) -> None:
        for one, outcome in zip(composed, outcomes, strict=True):
            if one.verdict.flags and outcome.events:
                for flag in one.verdict.flags:
                    self._metrics.flags.labels(flag.category.value, str(flag.severity)).inc()

    def _fail(self, batch: list[_Waiting], error: Exception) -> None:
        refusal = error if isinstance(error, Refusal) else InternalError(retry_after=1.0)
        if refusal is not error:
            get_log().error("writer.failed", exc_info=error)
        for waiting in batch:
            waiting.tell(Outcome(refusal=refusal))


def _one_room_may_be_why(error: Exception) -> bool:
    """A row that somebody holds, or a key that another node stored at the same moment."""
    return isinstance(error, asyncpg.UniqueViolationError) or isinstance(
        error.__cause__,
        asyncpg.LockNotAvailableError | asyncpg.QueryCanceledError | asyncpg.DeadlockDetectedError,
    )


def _room(waiting: _Waiting) -> bytes:
    return waiting.composed.where.room.id.bytes
