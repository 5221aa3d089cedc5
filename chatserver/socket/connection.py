"""One signed-in connection: who it is, and a bounded way to tell it things."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from engineio.async_socket import AsyncSocket

from chatserver.metrics import Metrics
from chatserver.protocol.common import Wire
from people.ids import PersonId, SessionId
from people.permissions import Principal
from rooms.chat.rules import Bucket
from rooms.ids import RoomId

from .outbox import Outbox, Packet, unread


@dataclass(frozen=True, slots=True)
class WaysOut:
    """How a connection ends: `cut` at once, `close` in order."""

    cut: Callable[[], None]
    close: Callable[[], Awaitable[None]]


class Connection:
    """What the node knows of one connection; `principal` is kept fresh by the node."""

    def __init__(
        self,
        sid: str,
        socket: AsyncSocket,
        principal: Principal,
        session: SessionId,
        *,
        queue_limit: int,
        ways_out: WaysOut,
        metrics: Metrics,
    ) -> None:
        self.sid = sid
        self.principal = principal
        self.session = session
        self.bucket: Bucket | None = None
        self.rooms: set[RoomId] = set()
        self.after_ack: list[Callable[[], Any]] = []
        self._socket = socket
        self._limit = queue_limit
        self._ways_out = ways_out
        self._metrics = metrics

    @property
    def person(self) -> PersonId:
        """Whose connection it is."""
        return self.principal.id

    def push(self, packet: Packet) -> None:
        """Tell it something, without waiting. One that reads too slowly is cut off, and resumes
        by `seq` when it comes back: memory stays bounded and nothing is lost."""
        if self._writable():
            self._metrics.deliveries.inc()
            packet.put(self._socket)

    def push_all(self, packets: Sequence[Packet], joined: bytes) -> None:
        """Tell it several things; `joined` is the frames of all of them. The caller counts."""
        socket, queue = self._socket, self._socket.queue
        if isinstance(queue, Outbox):
            leaving = socket.closed or socket.closing
            if not leaving and not queue.offer(joined, len(packets), self._limit):
                self._cut_off()
        elif self._writable():
            for packet in packets:
                packet.put(socket)

    def _writable(self) -> bool:
        socket = self._socket
        if socket.closed or socket.closing:
            return False
        if unread(socket) >= self._limit:
            self._cut_off()
            return False
        return True

    def _cut_off(self) -> None:
        self._metrics.cut.inc()
        self._ways_out.cut()

    def tell(self, name: str, body: Wire) -> None:
        """Tell it an event meant for it alone."""
        self.push(Packet.event(name, body))

    async def close(self) -> None:
        """End it in order, after what was told before."""
        await self._ways_out.close()

    def acknowledged(self) -> None:
        """Do what was to wait until the acknowledgement is on its way."""
        waiting, self.after_ack = self.after_ack, []
        for action in waiting:
            action()
