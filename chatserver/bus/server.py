"""One server of Redis, as far as the bus goes: a connection to hear by and one to speak by."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from chatserver.metrics import Metrics
from chatserver.tasks import end

from .hints import Post
from .listener import Listener
from .solitude import Census, Solitude
from .speaker import Speaker
from .wire import Connect, Words


@dataclass(frozen=True, slots=True)
class Doors:
    """Where a server's news goes: each channel and message; that it is connected or is not; that
    another server may be the right one by now."""

    take: Callable[[bytes, bytes], None]
    changed: Callable[[bool], None]
    doubt: Callable[[], None]


class Server:
    """Both connections, kept up side by side."""

    def __init__(
        self,
        connect: Connect,
        words: Words,
        post: Post,
        metrics: Metrics,
        solitude: Solitude,
        doors: Doors,
    ) -> None:
        self.listener = Listener(
            connect, words, take=doors.take, changed=doors.changed, refused=doors.doubt
        )
        census = Census(solitude, self.listener.listens)
        self.speaker = Speaker(connect, words, post, metrics, census, refused=doors.doubt)
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to listen and to publish."""
        self._tasks = [
            asyncio.create_task(self.listener.run()),
            asyncio.create_task(self.speaker.run()),
        ]

    async def stop(self) -> None:
        """End both; what waits to be said still waits."""
        await end(self._tasks)
