"""One connection of a load generator: how it gets in, and what it has received."""

import json
import socket
from collections import deque
from time import monotonic

from bench.figures import Order
from bench.plan import Seat
from bench.wire import frame, hello, join

END_OF_HEAD = b"\r\n\r\n"
SWITCHED = b"HTTP/1.1 101"
MOST_HEAD = 4096


class Refused(ConnectionError):
    """The server did not let this connection in."""


class Client:
    """A WebSocket made by hand. While it gets in, each answer leads to the next request.

    `took` is how many seconds that lasted, 0 until it follows all its rooms.
    """

    __slots__ = ("_waiting", "asked", "began", "orders", "rest", "seat", "sock", "took", "upgraded")

    def __init__(self, seat: Seat) -> None:
        self.seat = seat
        self.sock = socket.socket()
        self.sock.setblocking(False)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""
        self.orders: dict[bytes, Order] = {}
        self.asked: deque[tuple[str, float]] = deque()
        self.upgraded = False
        self.began, self.took = monotonic(), 0.0
        self._waiting = list(reversed(seat.rooms))

    def open(self) -> None:
        """Begin to connect."""
        self.sock.connect_ex(("127.0.0.1", self.seat.port))

    def connected(self) -> None:
        """TCP stands. Raises OSError when it does not."""
        if error := self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            raise OSError(error, "no connection")
        self.send(hello(self.seat.port))

    def upgrade(self) -> None:
        """Read the head of the HTTP answer, and nothing after it. Raises Refused."""
        seen = self.sock.recv(MOST_HEAD, socket.MSG_PEEK)
        head, found, _ = seen.partition(END_OF_HEAD)
        if not seen or (found and not head.startswith(SWITCHED)):
            raise Refused(head.decode(errors="replace")[:200] or "closed by the server")
        if found:
            self.sock.recv(len(head) + len(END_OF_HEAD))
            self.upgraded = True

    def enter(self, payload: bytes) -> None:
        """Take a packet that is part of getting in; others are left alone. Raises Refused."""
        if payload.startswith(b"0{"):
            self.send(frame(b"40" + json.dumps({"token": self.seat.token}).encode()))
        elif payload.startswith(b"431["):
            self._joined(payload)
        elif payload.startswith(b"40{"):
            self._join_next()
        elif payload.startswith((b"44", b"41")):
            raise Refused(payload.decode(errors="replace")[:200])

    def _joined(self, payload: bytes) -> None:
        (answer,) = json.loads(payload[3:])
        if not answer["ok"]:
            raise Refused(answer["error"]["code"])
        data = answer["data"]
        self.orders[data["room"].encode()] = Order(data["last_seq"] + 1)
        self._join_next()

    def _join_next(self) -> None:
        if self._waiting:
            self.send(join(self._waiting.pop()))
        else:
            self.took = monotonic() - self.began

    def send(self, data: bytes) -> None:
        """Send a frame as a whole. Raises ConnectionError when the server does not read."""
        if self.sock.send(data) != len(data):
            raise ConnectionError("the server does not read")
