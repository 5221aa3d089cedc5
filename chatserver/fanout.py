"""Delivery to the followers of a room on this node: in order, each message once.

Messages come from three sides: this node's own commits, hints on the bus, and the database when
something is missing. All three go through the same gate: only the next `seq` passes. So it does
not matter which came first, or twice, or not at all.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from people.ids import PersonId
from people.refusal import NotFound, Refusal
from rooms.chat import store
from rooms.chat.model import Stored, Viewer
from rooms.chat.screen import Turn as Said
from rooms.directory import store as directory
from rooms.directory.model import Room
from rooms.ids import RoomId
from rooms.vault.service import Vault

from .bus import Bus
from .clock import Clock
from .database import Database
from .errors import Unavailable
from .latest import LATEST, Latest
from .live import LiveRoom, New, Subscription
from .logs import get_log
from .metrics import Metrics
from .socket.connection import Connection
from .tasks import end
from .telling import Telling
from .turn import Turn

GRACE_SECONDS = 0.03
"""A missing message is usually a neighbour's commit on its way; then it is read."""
PAGE = 200


class Fanout:
    """The live rooms of one node."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        bus: Bus,
        metrics: Metrics,
        clock: Clock,
        turn: Turn,
    ) -> None:
        self._database, self._bus, self._metrics, self._clock = database, bus, metrics, clock
        self._telling = Telling(vault, turn, metrics)
        self._rooms: dict[RoomId, LiveRoom] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.followers_changed: Callable[[RoomId], None] = lambda _room: None

    def rooms(self) -> list[LiveRoom]:
        """The rooms followed here."""
        return list(self._rooms.values())

    def get(self, room: RoomId) -> LiveRoom | None:
        """A room, if it is followed here."""
        return self._rooms.get(room)

    def recent(self, room: RoomId) -> tuple[Said, ...]:
        """The conversation of late, oldest first, as far as this node has heard it."""
        live = self._rooms.get(room)
        return tuple(live.recent) if live else ()

    async def follow(self, connection: Connection, room: RoomId, viewer: Viewer) -> Subscription:
        """Keep what passes from now on; `begin` of the answer lets it through.

        Raises Unavailable.
        """
        live = self._rooms.get(room)
        first = live is None
        if live is None:
            live = self._rooms[room] = LiveRoom(room)
            self._metrics.rooms.set(len(self._rooms))
        subscription = live.followers[connection.sid] = Subscription(connection, viewer)
        connection.rooms.add(room)
        if first:
            await self._open(live)
        else:
            await live.ready.wait()
        if live.failed:
            raise Unavailable(retry_after=1.0)
        return subscription

    async def _open(self, live: LiveRoom) -> None:
        try:
            await self._bus.subscribe(live.id)
            room = await self._read_room(live.id)
        except BaseException:
            live.failed = True
            self._close(live)
            live.ready.set()
            raise
        live.room = room
        live.seq, live.revision = room.last_seq, room.revision
        live.members_version = room.members_version
        live.ready.set()
        if not live.followers:
            self._close(live)
        self._drain(live)

    async def _read_room(self, room: RoomId) -> Room:
        async with self._database.connection() as conn:
            found = await directory.room(conn, room)
        if found is None:
            raise NotFound
        return found

    async def latest(self, live: LiveRoom) -> Latest | None:
        """The latest messages of a room that somebody has just come to, as far as its followers
        have been told; None while they cannot be had. Raises Unavailable."""
        now = asyncio.get_running_loop().time()
        if live.latest is None:
            told = live.seq, live.revision
            async with self._database.connection() as conn:
                page = await store.before(conn, live.id, live.seq + 1, LATEST, None)
            if told != (live.seq, live.revision) or live.latest is not None:
                return live.latest
            live.latest = Latest(page, now)
        live.latest.used_at = now
        return live.latest

    def unfollow(self, connection: Connection, room: RoomId) -> None:
        """The connection does not follow the room any more."""
        connection.rooms.discard(room)
        live = self._rooms.get(room)
        if live is None or live.followers.pop(connection.sid, None) is None:
            return
        if not live.followers and live.ready.is_set():
            self._close(live)
        self.followers_changed(room)

    def unfollow_all(self, connection: Connection) -> None:
        """The connection is gone."""
        for room in list(connection.rooms):
            self.unfollow(connection, room)

    def _close(self, live: LiveRoom) -> None:
        if self._rooms.pop(live.id, None) is not None:
            self._metrics.rooms.set(len(self._rooms))
            self.spawn(self._unsubscribe(live.id))

    async def _unsubscribe(self, room: RoomId) -> None:
        if room not in self._rooms:  # unless somebody has come back at this very moment
            await self._bus.unsubscribe(room)

    def added(self, new: New) -> None:
        """A new message, from wherever."""
        message = new.message
        live = self._rooms.get(message.room)
        if live is None or message.seq <= live.seq:
            return
        live.heard_seq = max(live.heard_seq, message.seq)
        if message.seq == live.seq + 1 and not live.ahead and live.ready.is_set():
            self._telling.new(live, new)
        else:
            live.keep_ahead(new)
            self._drain(live)

    def altered(self, message: Stored, by: PersonId) -> None:
        """A changed message, from wherever."""
        live = self._rooms.get(message.room)
        if live is None or message.revision <= live.revision:
            return
        live.heard_revision = max(live.heard_revision, message.revision)
        in_turn = message.seq <= live.seq and message.revision == live.revision + 1
        if in_turn and live.ready.is_set():
            self._telling.change(live, message, by)
        else:
            self._recover_soon(live)

    def _drain(self, live: LiveRoom) -> None:
        if not live.ready.is_set():
            return
        while (new := live.next_ahead()) is not None:
            self._telling.new(live, new)
        if live.ahead:
            self._recover_soon(live)

    def _recover_soon(self, live: LiveRoom) -> None:
        def look() -> None:
            if live.behind:
                self.recover(live)

        asyncio.get_running_loop().call_later(GRACE_SECONDS, look)

    def recover(self, live: LiveRoom) -> None:
        """Read what is missing from the database, unless that is under way."""
        if live.recovering:
            live.recover_again = True
        elif self._rooms.get(live.id) is live and live.ready.is_set():
            live.recovering = True
            self.spawn(self._recover(live))

    async def _recover(self, live: LiveRoom) -> None:
        try:
            while True:
                live.recover_again = False
                self._metrics.recoveries.inc()
                await self._read_missing(live)
                if not live.recover_again:
                    return
        except Refusal as refusal:
            get_log().warning("fanout.recover_later", code=refusal.code)
        finally:
            live.recovering = False

    async def _read_missing(self, live: LiveRoom) -> None:
        async with self._database.connection() as conn:
            room = await directory.room(conn, live.id)
            if room is None:
                return
            cutoff = room.serves_after(self._clock())
            while live.seq < room.last_seq:
                page = await store.since(conn, live.id, live.seq, PAGE, cutoff)
                for message in page:
                    if message.seq > live.seq:
                        self._telling.new(live, New(message))
                if len(page) < PAGE:
                    live.seq = max(live.seq, room.last_seq)
            changes = await store.changed(conn, live.id, live.revision, live.seq, 10_000, cutoff)
        for message in changes:
            # A later change comes by itself. Told now, one that was made before it to a message
            # that has not come yet would count as told.
            if live.revision < message.revision <= room.revision:
                self._telling.change(live, message, None)
        live.revision = max(live.revision, room.revision)
        self._drain(live)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something beside, and keep hold of it until it ends."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """End what runs beside."""
        await end(list(self._tasks))
