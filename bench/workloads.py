"""What is measured: how many people in how many rooms, and who says how much."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from bench.plan import Plan, Seat


@dataclass(frozen=True, slots=True)
class Workload:
    """One kind of load.

    Every connection is a person of its own, in one room, unless `people` says otherwise: then the
    connections are theirs in turn, and follow as many rooms as it takes to fill all of them.

    `window` in flight in each room (a closed loop), or `rate` messages a second over all rooms
    whatever is in flight (an open loop), or neither: then getting in is measured (`seconds` is 0),
    or being there.
    """

    name: str
    about: str
    rooms: int
    members: int
    senders: int = 0
    window: int = 0
    rate: float = 0.0
    seconds: float = 6.0
    at_once: int = 200
    history: int = 0
    connections: int = 0
    people: int = 0

    @property
    def talks(self) -> bool:
        """Whether messages are sent while it is measured."""
        return bool(self.window or self.rate)


WORKLOADS = (
    Workload("fan1000", "one room of 1000, 16 in flight", 1, 1000, senders=8, window=16),
    Workload("one1000", "one room of 1000, one in flight", 1, 1000, senders=8, window=1),
    Workload("fan20x50", "20 rooms of 50, 8 in flight in each", 20, 50, senders=5, window=8),
    Workload("fan200x5", "200 rooms of 5, 2 in flight in each", 200, 5, senders=5, window=2),
    Workload("send200x5", "200 rooms of 5, everybody sends", 200, 5, senders=5, window=5),
    Workload("rate20x50", "20 rooms of 50, 100 a second", 20, 50, senders=5, rate=100, seconds=10),
    Workload(
        "storm2000",
        "2,000 sign in and join at once, 50 messages each",
        *(40, 50),
        seconds=0,
        at_once=2000,
        history=50,
    ),
    Workload("idle2000", "2,000 connections in 40 rooms, silent for 30 s", 40, 50, seconds=30),
)


def seats(
    workload: Workload, tokens: Sequence[str], rooms: Sequence[str], ports: Sequence[int]
) -> list[Seat]:
    """Who connects where. A room's members are spread over the nodes, its senders come first."""
    count = workload.connections or workload.rooms * workload.members
    followed: list[list[str]] = [[] for _ in range(count)]
    for place in range(workload.rooms * workload.members):
        followed[place % count].append(rooms[place // workload.members])
    return [
        Seat(
            ports[number % len(ports)],
            tokens[number % (workload.people or count)],
            tuple(followed[number]),
            speaks=number % workload.members < workload.senders,
        )
        for number in range(count)
    ]


def shares(workload: Workload, seats: Sequence[Seat], processes: int) -> list[Plan]:
    """A plan for each generator process: whole rooms where there are enough, else a part of the
    members and of the senders."""
    whole = workload.rooms >= processes
    parts: list[list[Seat]] = [[] for _ in range(processes)]
    if whole:
        for number, (_, members) in enumerate(groupby(seats, key=lambda seat: seat.rooms[:1])):
            parts[number % processes] += members
    else:
        for number, seat in enumerate(seats):
            parts[number % processes].append(seat)
    everybody = sum(seat.speaks for seat in seats) or 1
    plans = []
    for number, part in enumerate(parts):
        share = sum(seat.speaks for seat in part) / everybody
        window = workload.window if whole else round(workload.window * share)
        at_once = max(1, workload.at_once // processes)
        plans.append(
            Plan(number, part, max(window, bool(workload.window)), workload.rate * share, at_once)
        )
    return plans
