"""What a load generator is told, and what it answers. Passed between processes."""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Seat:
    """One connection: who, at which node, in which rooms, and whether it speaks there."""

    port: int
    token: str
    rooms: tuple[str, ...]
    speaks: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """The part of a workload that one generator process takes.

    `window`: messages in flight in each room; the next is sent when all its members here have one.
    `rate`: messages a second over all rooms, sent when they are due, whatever is in flight.
    `at_once`: connections being opened at a time.
    """

    generator: int
    seats: Sequence[Seat]
    window: int
    rate: float
    at_once: int


@dataclass(frozen=True, slots=True)
class Connect:
    """Open all connections. Answered with Joined when they follow their rooms."""


@dataclass(frozen=True, slots=True)
class Joined:
    """How long each connection took, in seconds, from opening it to its last room."""

    took: "array[float]"
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Start:
    """Begin to send. Answered with the Count."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Answered with the Count since the last mark."""


@dataclass(frozen=True, slots=True)
class Count:
    """What happened since the last mark. Times are in seconds.

    `delays`: of each delivery, from when its message was due. `acks`: of each acknowledgement.
    `late`: of each message, from when it was due until it was sent. `cpu`: this process so far.
    """

    delivered: int
    delays: "array[float]"
    acks: "array[float]"
    late: "array[float]"
    cpu: float


@dataclass(frozen=True, slots=True)
class Stop:
    """Send no more. Answered with Stopped when everything sent is acknowledged."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """The last acknowledged place in each room."""

    last: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Settle:
    """Wait for everything up to these places. Answered with the Verdict."""

    last: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was wrong in all the time since Connect; each figure must be 0."""

    lost: int = 0
    skipped: int = 0
    again: int = 0
    foreign: int = 0
    unanswered: int = 0
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class End:
    """Close everything and end."""


Command = Connect | Start | Mark | Stop | Settle | End
Answer = Joined | Count | Stopped | Verdict
