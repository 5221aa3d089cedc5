"""Hints between nodes over Redis pub/sub: one channel per room, one for people.

A hint may be lost, doubled or late; nothing but time depends on one. Message texts travel as
the ciphertext that is stored, so Redis never holds what somebody said.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable
from contextlib import suppress
from itertools import islice
from uuid import UUID

import msgspec
from redis import asyncio as aioredis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from people.ids import PersonId
from rooms.chat.model import Stored
from rooms.ids import RoomId

from .logs import get_log
from .metrics import Metrics
from .tasks import end

PEOPLE = "chat:people"
QUEUED = 10_000
"""Hints that wait for Redis; older ones are dropped, the sweep makes up for them."""
TOGETHER = 500
"""Hints that go to Redis at once: those of one channel as one message."""
ANSWER_SECONDS = 2.0
PING_SECONDS = 5.0
BACKOFF_SECONDS = (0.1, 0.2, 0.5, 1.0)


class Hint(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Base of all hints."""


class Added(Hint, frozen=True, tag="n"):
    """A new message."""

    message: Stored


class Altered(Hint, frozen=True, tag="c"):
    """A message in its new state."""

    message: Stored
    by: PersonId


class RoomHint(Hint, frozen=True, tag="r"):
    """A room itself changed."""

    room: RoomId


class MembershipHint(Hint, frozen=True, tag="m"):
    """Somebody's place in a room changed."""

    room: RoomId
    person: PersonId


class ReadHint(Hint, frozen=True, tag="k"):
    """Somebody read further."""

    room: RoomId
    person: PersonId
    seq: int


class PersonHint(Hint, frozen=True, tag="p"):
    """Something of somebody changed."""

    person: PersonId


class Typing(Hint, frozen=True, tag="t"):
    """Somebody writes, or has stopped."""

    room: RoomId
    person: PersonId
    handle: str
    on: bool


class Present(Hint, frozen=True, tag="h"):
    """Who is here on one node. `ask`: the others should say so too."""

    node: UUID
    room: RoomId
    people: dict[PersonId, str]
    ask: bool


AnyHint = Added | Altered | RoomHint | MembershipHint | ReadHint | PersonHint | Typing | Present


class Envelope(msgspec.Struct, frozen=True, array_like=True):
    """Hints of one channel, in their order, with the node that they come from."""

    node: UUID
    hints: tuple[AnyHint, ...]


_decoder = msgspec.msgpack.Decoder(Envelope)
_encoder = msgspec.msgpack.Encoder()


def room_channel(room: UUID) -> str:
    """The channel of one room."""
    return f"chat:room:{room}"


class Bus:
    """One node's connection to Redis. `receive` gets every hint of other nodes; `up` is called
    whenever the connection stands anew, for what was missed meanwhile."""

    def __init__(
        self,
        url: str,
        node: UUID,
        metrics: Metrics,
        *,
        receive: Callable[[AnyHint], None],
        up: Callable[[], None],
    ) -> None:
        self._client = aioredis.from_url(
            url,
            socket_connect_timeout=2,
            socket_timeout=5,
            retry=Retry(NoBackoff(), 0),
            protocol=2,
        )
        self._node, self._metrics = node, metrics
        self._receive, self._up = receive, up
        self._wanted = {PEOPLE}
        self._pubsub: PubSub | None = None
        self._outbox: deque[tuple[str, AnyHint]] = deque(maxlen=QUEUED)
        self._stirred = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def connected(self) -> bool:
        """Whether hints of other nodes arrive at the moment."""
        return self._pubsub is not None

    def start(self) -> None:
        """Begin to listen and to publish, and keep at it through every failure."""
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._speak())]

    async def stop(self) -> None:
        """Publish what waits, if Redis is there, then leave."""
        await end(self._tasks)
        await self.flush()

    async def flush(self) -> None:
        """Publish what waits and let go of the connection, for a process that ends."""
        with suppress(RedisError, OSError, TimeoutError):
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._publish_waiting()
        with suppress(RedisError, OSError):
            await self._client.aclose()

    def publish(self, channel: str, hint: AnyHint) -> None:
        """Tell the other nodes, without waiting."""
        if len(self._outbox) == QUEUED:
            self._metrics.bus_dropped.inc()
        self._outbox.append((channel, hint))
        self._stirred.set()

    async def subscribe(self, room: UUID) -> None:
        """Listen to a room's channel, now or as soon as Redis is there."""
        self._wanted.add(room_channel(room))
        if self._pubsub is not None:
            with suppress(RedisError, OSError, TimeoutError):
                await self._pubsub.subscribe(room_channel(room))

    async def unsubscribe(self, room: UUID) -> None:
        """Listen to a room's channel no longer."""
        self._wanted.discard(room_channel(room))
        if self._pubsub is not None:
            with suppress(RedisError, OSError, TimeoutError):
                await self._pubsub.unsubscribe(room_channel(room))

    async def _speak(self) -> None:
        attempt = 0
        while True:
            await self._stirred.wait()
            self._stirred.clear()
            try:
                await self._publish_waiting()
                attempt = 0
            except (RedisError, OSError, TimeoutError):
                await asyncio.sleep(BACKOFF_SECONDS[min(attempt, len(BACKOFF_SECONDS) - 1)])
                attempt += 1
                self._stirred.set()

    async def _publish_waiting(self) -> None:
        while self._outbox:
            batch = list(islice(self._outbox, TOGETHER))
            by_channel: defaultdict[str, list[AnyHint]] = defaultdict(list)
            for channel, hint in batch:
                by_channel[channel].append(hint)
            pipeline = self._client.pipeline(transaction=False)
            for channel, hints in by_channel.items():
                pipeline.publish(channel, _encoder.encode(Envelope(self._node, tuple(hints))))
            await pipeline.execute()
            for _ in range(min(len(batch), len(self._outbox))):
                self._outbox.popleft()

    async def _listen(self) -> None:
        attempt = 0
        while True:
            try:
                await self._listen_once()
            except (RedisError, OSError, TimeoutError) as error:
                if self._pubsub is not None:
                    attempt = 0
                    get_log().warning("bus.lost", error=type(error).__name__)
            except Exception as error:  # noqa: BLE001 - hints are to come again, whatever it was
                get_log().error("bus.failed", exc_info=error)
            finally:
                self._pubsub = None
                self._metrics.bus_up.set(0)
            await asyncio.sleep(BACKOFF_SECONDS[min(attempt, len(BACKOFF_SECONDS) - 1)])
            attempt += 1

    async def _listen_once(self) -> None:
        async with self._client.pubsub() as pubsub:
            asked = set(self._wanted)
            await pubsub.subscribe(*asked)
            if await pubsub.get_message(timeout=ANSWER_SECONDS) is None:
                raise TimeoutError
            self._pubsub = pubsub
            if late := self._wanted - asked:  # wanted while Redis was being asked
                await pubsub.subscribe(*late)
            self._metrics.bus_up.set(1)
            get_log().info("bus.up")
            self._up()
            heard = asyncio.get_running_loop().time()
            while True:
                message = await pubsub.get_message(timeout=PING_SECONDS)
                now = asyncio.get_running_loop().time()
                if message is None:
                    if now - heard > 3 * PING_SECONDS:
                        raise TimeoutError
                    await pubsub.ping()
                    continue
                heard = now
                if message["type"] == "message":
                    self._take(message["data"])

    def _take(self, data: bytes) -> None:
        try:
            envelope = _decoder.decode(data)
        except msgspec.DecodeError:
            get_log().warning("bus.unreadable")
            return
        if envelope.node == self._node:
            return
        for hint in envelope.hints:
            try:
                self._receive(hint)
            except Exception as error:  # noqa: BLE001 - one hint must not cost those that follow
                get_log().error("bus.hint_failed", exc_info=error)
