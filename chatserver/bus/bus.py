"""Hints between nodes over Redis pub/sub: one channel per room, one for people.

A hint may be lost, doubled or late; nothing but time depends on one. Message texts travel as
the ciphertext that is stored, so Redis never holds what somebody said.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from uuid import UUID

import msgspec

from chatserver.logs import get_log
from chatserver.metrics import Metrics
from chatserver.tasks import end

from .addresses import ClusterServers, Place, redis_at
from .cluster import Layout, Lookout
from .hints import PEOPLE, Added, AnyHint, Post, room_channel
from .server import Doors, Server
from .solitude import Solitude
from .speaker import QUEUED, Said
from .wire import ANSWER_SECONDS, FAILURES, PLAIN, SHARDED, Connect, Words


class Bus:
    """One node's place on the bus. `receive` gets every hint of other nodes; `up` is called
    whenever a connection stands anew, for what was missed meanwhile.

    With one server, everything goes through it. In a cluster each channel belongs to a slot, and
    goes through the master that holds the slot at the time; when slots move, what waits and what
    is listened to moves after them. Raises ValueError for a URL that names no Redis.
    """

    def __init__(
        self,
        url: str,
        node: UUID,
        metrics: Metrics,
        *,
        receive: Callable[[AnyHint], None],
        up: Callable[[], None],
    ) -> None:
        self._post, self._metrics = Post(node), metrics
        self._receive, self._up = receive, up
        self._solitude = Solitude()
        self._wanted = {PEOPLE}
        self._servers: dict[Place | None, Server] = {}
        self._left: list[Server] = []
        self._unplaced: deque[Said] = deque(maxlen=QUEUED)
        self._running = False
        self._tasks: list[asyncio.Task[None]] = []
        self._layout: Layout | None = None
        self._lookout: Lookout | None = None
        at = redis_at(url)
        if isinstance(at, ClusterServers):
            self._cluster = at
            self._lookout = Lookout(at, self._rearrange)
        else:
            self._servers[None] = self._server(at.connect, PLAIN)

    @property
    def connected(self) -> bool:
        """Whether hints of other nodes arrive at the moment, from all servers."""
        servers = self._servers.values()
        return bool(servers) and all(server.listener.connected for server in servers)

    def start(self) -> None:
        """Begin to listen and to publish, and keep at it through every failure."""
        self._running = True
        for server in self._servers.values():
            server.listener.expect(self._wanted)
            server.start()
        if self._lookout is not None:
            self._tasks = [asyncio.create_task(self._lookout.run())]

    async def stop(self) -> None:
        """Publish what waits, if Redis is there, then leave."""
        await end(self._tasks)
        for server in (*self._servers.values(), *self._left):
            await server.stop()
        await self.flush()

    async def flush(self) -> None:
        """Publish what waits and let go of the connections, for a process that ends."""
        with suppress(TimeoutError):
            async with asyncio.timeout(ANSWER_SECONDS):
                if self._lookout is not None and self._layout is None:
                    with suppress(*FAILURES):
                        await self._lookout.look()
                await asyncio.gather(
                    *(server.speaker.empty() for server in self._servers.values()),
                    return_exceptions=True,  # one that is away keeps nothing from the others
                )
        for server in self._servers.values():
            await server.speaker.close()

    def publish(self, channel: str, hint: AnyHint) -> None:
        """Tell the other nodes, without waiting; of a new message only if any is there to be
        told, or it is not known (see solitude.py)."""
        if isinstance(hint, Added) and self.alone(channel):
            return
        server = self._server_of(channel)
        if server is not None:
            server.speaker.say(channel, hint)
        else:
            self._unplaced.append((channel, hint))

    def alone(self, channel: str) -> bool:
        """Whether no other node listens to a channel, as far as is known."""
        return self._solitude.alone(channel, asyncio.get_running_loop().time())

    async def subscribe(self, room: UUID) -> None:
        """Listen to a room's channel, now or as soon as Redis is there."""
        channel = room_channel(room)
        self._wanted.add(channel)
        if server := self._server_of(channel):
            await server.listener.add(channel)

    async def unsubscribe(self, room: UUID) -> None:
        """Listen to a room's channel no longer."""
        channel = room_channel(room)
        self._wanted.discard(channel)
        if server := self._server_of(channel):
            await server.listener.remove(channel)

    def _server_of(self, channel: str) -> Server | None:
        if self._lookout is None:
            return self._servers[None]
        return self._servers.get(self._layout.owner(channel)) if self._layout else None

    def _server(self, connect: Connect, words: Words) -> Server:
        doubt = self._lookout.doubt if self._lookout else _no_doubt
        doors = Doors(self._take, self._changed, doubt)
        return Server(connect, words, self._post, self._metrics, self._solitude, doors)

    def _at(self, place: Place) -> set[str]:
        """What is to be listened to at one master."""
        layout = self._layout
        return {name for name in self._wanted if layout and layout.owner(name) == place}

    async def _rearrange(self, layout: Layout) -> None:
        """Slots may have moved: a server for each master, and each channel at its master's."""
        self._layout = layout
        self._left += [self._servers.pop(p) for p in self._servers.keys() - layout.masters]
        for place in layout.masters - self._servers.keys():
            server = self._server(partial(self._cluster.connect, place), SHARDED)
            self._servers[place] = server
            server.listener.expect(self._at(place))
            if self._running:
                server.start()
        while self._left:
            await self._left[-1].stop()
            await self._left[-1].speaker.close()
            self._unplaced.extend(self._left.pop().speaker.unsaid())
        for place in layout.masters:
            await self._servers[place].listener.want(self._at(place))
        for _ in range(len(self._unplaced)):
            self.publish(*self._unplaced.popleft())

    def _changed(self, connected: bool) -> None:
        self._metrics.bus_up.set(self.connected)
        if connected:
            self._up()

    def _take(self, channel: bytes, data: bytes) -> None:
        try:
            hints = self._post.open(data)
        except msgspec.DecodeError:
            get_log().warning("bus.unreadable")
            return
        if hints:
            self._solitude.heard(channel.decode())
        for hint in hints:
            try:
                self._receive(hint)
            except Exception as error:  # noqa: BLE001 - one hint must not cost those that follow
                get_log().error("bus.hint_failed", exc_info=error)


def _no_doubt() -> None:
    """One server is the right one always."""
