"""What this node hears from the others, through one server."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ResponseError

from chatserver.logs import get_log
from chatserver.tasks import end

from .wire import (
    ANSWER_SECONDS,
    BACKOFF_SECONDS,
    FAILURES,
    PING_SECONDS,
    PLAIN,
    Connect,
    Words,
    answer,
    dropped,
    opened,
    send,
)


class Listener:
    """Subscribes at one server, at it through every failure, and notices within 15 seconds when
    the server is silent for good.

    `take` gets each channel and message, `changed` is called whenever the connection stands anew
    or is lost, and `refused` when the server is not, or no longer, the one for some channel.
    """

    def __init__(
        self,
        connect: Connect,
        words: Words,
        *,
        take: Callable[[bytes, bytes], None],
        changed: Callable[[bool], None],
        refused: Callable[[], None],
    ) -> None:
        self._connect, self._words = connect, words
        self._take, self._changed, self._refused = take, changed, refused
        self._wanted: set[str] = set()
        self._confirmed: set[str] = set()
        self._connection: AbstractConnection | None = None
        self._heard = 0.0

    @property
    def connected(self) -> bool:
        """Whether hints arrive at the moment."""
        return self._connection is not None

    def listens(self, channel: str) -> bool:
        """Whether Redis has confirmed that this node listens to a channel."""
        return channel in self._confirmed

    def expect(self, channels: Iterable[str]) -> None:
        """Listen to these channels from the start."""
        self._wanted = set(channels)

    async def want(self, channels: set[str]) -> None:
        """Listen to these channels and no others, now or as soon as Redis is there."""
        more, less = channels - self._confirmed, (self._wanted | self._confirmed) - channels
        self._wanted = set(channels)
        await self._try(self._words.subscribe, more)
        await self._try(self._words.unsubscribe, less)

    async def add(self, channel: str) -> None:
        """Listen to one more channel, now or as soon as Redis is there."""
        self._wanted.add(channel)
        await self._try(self._words.subscribe, [channel])

    async def remove(self, channel: str) -> None:
        """Listen to a channel no longer."""
        self._wanted.discard(channel)
        await self._try(self._words.unsubscribe, [channel])

    async def _try(self, word: bytes, channels: Iterable[str]) -> None:
        if self._connection is not None:
            with suppress(*FAILURES):
                async with asyncio.timeout(ANSWER_SECONDS):
                    await self._ask(self._connection, word, channels)

    async def _ask(
        self, connection: AbstractConnection, word: bytes, channels: Iterable[str]
    ) -> None:
        """A command for each channel: in a cluster, each has its own slot."""
        if word == self._words.unsubscribe:
            self._confirmed.difference_update(channels)
        if commands := [(word, channel) for channel in channels]:
            await send(connection, commands)

    async def run(self) -> None:
        """Listen until cancelled."""
        attempt = 0
        while True:
            try:
                await self._listen()
            except FAILURES as error:
                if self._connection is not None:
                    attempt = 0
                    get_log().warning("bus.lost", error=type(error).__name__)
                self._refused()
            except Exception as error:  # noqa: BLE001 - hints are to come again, whatever it was
                get_log().error("bus.failed", exc_info=error)
            finally:
                self._connection = None
                self._confirmed.clear()
                self._changed(False)
            await asyncio.sleep(BACKOFF_SECONDS[min(attempt, len(BACKOFF_SECONDS) - 1)])
            attempt += 1

    async def _listen(self) -> None:
        connection = await opened(self._connect)
        try:
            asked = set(self._wanted)
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._ask(connection, self._words.subscribe, asked)
                await send(connection, [(b"PING",)])
                while not await self._next(connection):  # the subscriptions' answers come first
                    pass
            self._connection = connection
            await self._ask(connection, self._words.subscribe, self._wanted - asked)
            await self._ask(connection, self._words.unsubscribe, asked - self._wanted)
            get_log().info("bus.up")
            self._changed(True)
            await self._read(connection)
        finally:
            await dropped(connection)

    async def _read(self, connection: AbstractConnection) -> None:
        """Take what comes, until the connection is lost. Raises one of FAILURES."""
        self._heard = asyncio.get_running_loop().time()
        tasks = {
            asyncio.create_task(self._take_all(connection)),
            asyncio.create_task(self._ping(connection)),
        }
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            await end(tasks)

    async def _take_all(self, connection: AbstractConnection) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._next(connection)
            self._heard = loop.time()

    async def _ping(self, connection: AbstractConnection) -> None:
        """A ping whenever it was quiet; after three without an answer the connection is dead."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(max(self._heard + PING_SECONDS - loop.time(), PING_SECONDS / 2))
            quiet = loop.time() - self._heard
            if quiet > 3 * PING_SECONDS:
                raise TimeoutError
            if quiet >= PING_SECONDS:
                async with asyncio.timeout(PING_SECONDS):
                    await send(connection, [(b"PING",)])

    async def _next(self, connection: AbstractConnection) -> bool:
        """Take what comes next; whether it was the answer to a ping."""
        try:
            reply = await answer(connection)
        except ResponseError:
            if self._words is PLAIN:
                raise
            self._refused()  # the slot is elsewhere: asked there once the cluster was looked up
            return False
        return self._handle(reply)

    def _handle(self, reply: Any) -> bool:
        if not isinstance(reply, list):
            return True  # nothing is subscribed to: a pong without the form of a message
        kind = reply[0]
        if kind == self._words.message:
            self._take(reply[1], reply[2])
        elif kind == self._words.subscribe.lower():
            self._confirmed.add(reply[1].decode())
        elif kind == self._words.unsubscribe.lower():
            self._confirmed.discard(reply[1].decode())
            if self._words is not PLAIN and reply[1].decode() in self._wanted:
                self._refused()  # the slot has moved away
        return bool(kind == b"pong")
