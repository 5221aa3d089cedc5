"""Who says what when in a load generator, and what is known of each message on its way."""

import math
import os
from array import array
from time import monotonic

from bench.client import Client
from bench.plan import Count, Plan
from bench.wire import STAMPED, Sayings

IDLE = 0.5
"""Seconds to wait when nothing is due."""


class Flight:
    """A message on its way: when it was due, how many here still miss it, whether it is ours."""

    __slots__ = ("due", "left", "ours")

    def __init__(self, due: float, left: int, *, ours: bool) -> None:
        self.due, self.left, self.ours = due, left, ours


class Room:
    """A room as one generator sees it."""

    __slots__ = ("flights", "id", "last", "members", "sayings", "speakers", "turn")

    def __init__(self, room: str, generator: int) -> None:
        self.id = room
        self.sayings = Sayings(room, generator)
        self.members = 0
        self.speakers: list[Client] = []
        self.turn = 0
        self.flights: dict[int, Flight] = {}
        self.last = 0


class Traffic:
    """Sends what is due, or when something has arrived everywhere, and counts."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._rooms: dict[bytes, Room] = {}
        self._spoken: list[Room] = []
        self._sending = False
        self._began, self._due, self._number = 0.0, math.inf, 0
        self._salt = os.getpid()
        self._reset()

    def _reset(self) -> None:
        self._delivered = 0
        self._delays, self._acks, self._late = array("d"), array("d"), array("d")

    def add(self, client: Client) -> None:
        """Somebody has come in."""
        for name in client.seat.rooms:
            room = self._rooms.setdefault(name.encode(), Room(name, self._plan.generator))
            room.members += 1
            if client.seat.speaks:
                room.speakers.append(client)

    # Sending

    def start(self, now: float) -> None:
        """Begin to send."""
        self._spoken = [room for room in self._rooms.values() if room.speakers]
        self._sending = bool(self._spoken)
        if self._plan.rate and self._spoken:
            self._began = self._due = now + 1 / self._plan.rate
            self._number = 0
        for room in self._spoken:
            for _ in range(self._plan.window):
                self._say(room, monotonic())

    def stop(self) -> None:
        """Send no more."""
        self._sending, self._due = False, math.inf

    def wait(self, now: float) -> float:
        """Seconds until something is due."""
        return min(IDLE, max(0.0, self._due - now))

    def send_due(self, now: float) -> None:
        """Send what is due, each at its own place in the schedule."""
        while self._due <= now:
            self._late.append(now - self._due)
            self._say(self._spoken[self._number % len(self._spoken)], self._due)
            self._due = self._began + self._number / self._plan.rate
            now = monotonic()

    def _say(self, room: Room, due: float) -> None:
        self._number += 1
        room.turn += 1
        client = room.speakers[room.turn % len(room.speakers)]
        client.asked.append((room.id, due))
        client.send(room.sayings.say(self._salt, self._number, due))

    # Receiving

    def delivered(
        self, name: bytes, seq: int, data: bytearray, start: int, stop: int, now: float
    ) -> None:
        """A message reached one connection. The first of them reads when it was due."""
        room = self._rooms[name]
        flight = room.flights.get(seq)
        if flight is None:
            stamp = STAMPED.search(data, start, stop)
            if stamp is None:
                return
            ours = int(stamp[1]) == self._plan.generator
            flight = room.flights[seq] = Flight(int(stamp[2]) / 1e6, room.members, ours=ours)
        self._delivered += 1
        self._delays.append(now - flight.due)
        flight.left -= 1
        if not flight.left:
            del room.flights[seq]
            if flight.ours and self._sending and self._plan.window:
                self._say(room, now)

    def accepted(self, name: str, seq: int, took: float) -> None:
        """The server acknowledged a message."""
        room = self._rooms[name.encode()]
        room.last = max(room.last, seq)
        self._acks.append(took)

    # Telling

    def last(self) -> dict[str, int]:
        """The last acknowledged place in each room."""
        return {room.id: room.last for room in self._rooms.values()}

    def count(self, cpu: float) -> Count:
        """What happened since the last count."""
        count = Count(self._delivered, self._delays, self._acks, self._late, cpu)
        self._reset()
        return count
