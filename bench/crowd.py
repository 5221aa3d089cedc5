"""All connections of one load generator, and what reaches them."""

import itertools
import select
from array import array
from collections import deque
from collections.abc import Iterator, Mapping
from time import monotonic

from bench.client import Client
from bench.figures import Order
from bench.plan import Joined, Plan, Verdict
from bench.traffic import Traffic
from bench.wire import ACCEPTED, DELIVERY, frame, walk

BUFFER = 1 << 18
SHOWN = 5
"""Problems that are told; a thousand more would be the same."""
PONG = frame(b"3")


class Crowd:
    """Reads everything into one buffer, and checks it there."""

    def __init__(self, plan: Plan, poll: select.epoll, traffic: Traffic) -> None:
        self._poll, self._traffic = poll, traffic
        self._at_once = plan.at_once
        self._buffer = bytearray(BUFFER)
        self._view = memoryview(self._buffer)
        self._clients: dict[int, Client] = {}
        self._unopened = deque(plan.seats)
        self._entering: set[int] = set()
        self._problems: list[str] = []
        self._foreign = 0

    def close(self) -> None:
        """Leave without a word."""
        for client in self._clients.values():
            client.sock.close()

    # Getting in

    def open_more(self) -> None:
        """Begin to open connections, as many as may be under way."""
        while self._unopened and len(self._entering) < self._at_once:
            client = Client(self._unopened.popleft())
            fd = client.sock.fileno()
            self._clients[fd] = client
            self._entering.add(fd)
            client.open()
            self._poll.register(fd, select.EPOLLOUT)

    def all_in(self) -> bool:
        """Whether nobody is on the way in."""
        return not self._entering and not self._unopened

    def joined(self) -> Joined:
        """How getting in went."""
        late = len(self._entering) + len(self._unopened)
        problems = [*self._problems, *([f"{late} did not get in"] if late else [])]
        took = array("d", (client.took for client in self._clients.values()))
        return Joined(took, _different(problems))

    # Receiving

    def event(self, fd: int, events: int) -> None:
        """Something happened on a connection. A failure is kept for the verdict."""
        client = self._clients[fd]
        try:
            if events & select.EPOLLOUT:
                client.connected()
                self._poll.modify(fd, select.EPOLLIN)
            elif client.upgraded:
                self._receive(client)
            else:
                client.upgrade()
        except OSError as error:
            self._problems.append(f"{type(error).__name__}: {error}")
            self._poll.unregister(fd)
            client.sock.close()
            self._entering.discard(fd)
            self.open_more()

    def _receive(self, client: Client) -> None:
        """Take all whole frames from what a connection has for us; keep the rest."""
        kept = len(client.rest)
        self._buffer[:kept] = client.rest
        got = client.sock.recv_into(self._view[kept:])
        if not got:
            raise ConnectionError("closed by the server")
        now = monotonic()
        frames, whole = walk(self._buffer, kept + got)
        client.rest = bytes(self._view[whole : kept + got])
        for start, stop in frames:
            found = DELIVERY.match(self._buffer, start, stop)
            if found is None:
                self._packet(client, bytes(self._view[start:stop]), now)
            elif (order := client.orders.get(found[1])) is None:
                self._foreign += 1
            else:
                seq = int(found[2])
                order.take(seq)
                self._traffic.delivered(found[1], seq, self._buffer, found.end(), stop, now)

    def _packet(self, client: Client, payload: bytes, now: float) -> None:
        """Anything that is not a message: heartbeats, answers, presence."""
        if payload == b"2":
            client.send(PONG)
        elif not client.took:
            client.enter(payload)
            if client.took:
                self._entering.discard(client.sock.fileno())
                self._traffic.add(client)
                self.open_more()
        elif payload.startswith(b"432["):
            accepted = ACCEPTED.match(payload)
            if accepted is None:
                raise ConnectionError(payload.decode(errors="replace")[:200])
            room, due = client.asked.popleft()
            self._traffic.accepted(room, int(accepted[1]), now - due)
        elif payload.startswith(b'42["message:new"'):
            raise ConnectionError("a message that this generator cannot read")

    # The verdict

    def answered(self) -> bool:
        """Whether everything sent was acknowledged."""
        return not any(client.asked for client in self._clients.values())

    def missing(self, last: Mapping[str, int]) -> int:
        """How many deliveries up to these places have not come."""
        return sum(order.missing(last.get(room.decode(), 0)) for room, order in self._orders())

    def verdict(self, last: Mapping[str, int]) -> Verdict:
        """What was wrong so far."""
        orders = [order for _, order in self._orders()]
        return Verdict(
            lost=self.missing(last),
            skipped=sum(order.skipped for order in orders),
            again=sum(order.again for order in orders),
            foreign=self._foreign,
            unanswered=sum(len(client.asked) for client in self._clients.values()),
            problems=_different(self._problems),
        )

    def _orders(self) -> Iterator[tuple[bytes, Order]]:
        return itertools.chain.from_iterable(c.orders.items() for c in self._clients.values())


def _different(problems: list[str]) -> tuple[str, ...]:
    """Each problem once, and not too many."""
    return tuple(dict.fromkeys(problems))[:SHOWN]
