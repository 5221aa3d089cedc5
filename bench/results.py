"""What comes out of a run, and how it is worked out from counters."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import chain

from bench.figures import percentile, saturated
from bench.plan import Count, Joined, Verdict
from bench.server import Cores, Used

MILLION = 1e6


@dataclass(frozen=True, slots=True)
class Row:
    """What came out. `problems` make the run worthless; there are none in a good one."""

    workload: str
    nodes: int
    run: int
    figures: dict[str, float]
    problems: tuple[str, ...] = ()
    saturated: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """What had been used at a time of the monotonic clock; `busy` by the whole machine.

    `wal`: bytes written to PostgreSQL's log.
    """

    at: float
    used: Used
    busy: float
    wal: int


@dataclass(frozen=True, slots=True)
class Span:
    """What was used between two moments, in seconds."""

    seconds: float
    nodes: tuple[float, ...]
    postgres: float
    valkey: float
    busy: float
    wal: int

    @classmethod
    def between(cls, first: Moment, last: Moment) -> "Span":
        """From one moment to a later one."""
        pairs = zip(first.used.nodes, last.used.nodes, strict=True)
        return cls(
            last.at - first.at,
            tuple(b - a for a, b in pairs),
            last.used.postgres - first.used.postgres,
            last.used.valkey - first.used.valkey,
            last.busy - first.busy,
            last.wal - first.wal,
        )

    def others(self, generators: float) -> float:
        """Cores that processes which are not part of this used meanwhile."""
        ours = sum(self.nodes) + self.postgres + self.valkey + generators
        return max(0.0, self.busy - ours) / self.seconds


def talking(span: Span, counts: Sequence[Count], generators: float) -> dict[str, float]:
    """The figures of a workload in which messages are sent."""
    delivered = sum(count.delivered for count in counts)
    delays, acks = _ordered(c.delays for c in counts), _ordered(c.acks for c in counts)
    per_million = MILLION / max(1, delivered)
    return {
        "deliveries_per_s": delivered / span.seconds,
        "sends_per_s": len(acks) / span.seconds,
        "cpu_s_per_M": sum(span.nodes) * per_million,
        "postgres_s_per_M": span.postgres * per_million,
        "valkey_s_per_M": span.valkey * per_million,
        "wal_kB_per_send": span.wal / 1e3 / max(1, len(acks)),
        "p50_ms": 1e3 * percentile(delays, 0.5),
        "p99_ms": 1e3 * percentile(delays, 0.99),
        "ack_p50_ms": 1e3 * percentile(acks, 0.5),
        "ack_p99_ms": 1e3 * percentile(acks, 0.99),
        "node_cores": max(span.nodes) / span.seconds,
        "generator_cores": generators / span.seconds,
        "noise_cores": span.others(generators),
    }


def joining(span: Span, joined: Sequence[Joined]) -> dict[str, float]:
    """The figures of getting in."""
    took = _ordered(one.took for one in joined)
    return {
        "joined": len(took),
        "join_s": took[-1] if took else 0.0,
        "join_p50_ms": 1e3 * percentile(took, 0.5),
        "join_p99_ms": 1e3 * percentile(took, 0.99),
        "cpu_ms_per_join": 1e3 * sum(span.nodes) / max(1, len(took)),
        "postgres_ms_per_join": 1e3 * span.postgres / max(1, len(took)),
    }


def staying(span: Span, generators: float) -> dict[str, float]:
    """The figures of being there in silence."""
    return {
        "cpu_percent": 100 * sum(span.nodes) / span.seconds,
        "postgres_percent": 100 * span.postgres / span.seconds,
        "valkey_percent": 100 * span.valkey / span.seconds,
        "noise_cores": span.others(generators),
    }


def remembering(grown: int, joined: Sequence[Joined]) -> dict[str, float]:
    """What everybody's being there takes of the nodes' memory; `grown` is in bytes."""
    connections = sum(len(one.took) for one in joined)
    return {
        "connections": connections,
        "grown_MB": grown / 1e6,
        "kB_per_connection": grown / 1e3 / max(1, connections),
    }


def is_saturated(span: Span, counts: Sequence[Count], generators: float, cores: Cores) -> bool:
    """Whether the load generators, not the server, set the pace."""
    shared = generators + span.postgres + span.valkey + span.others(generators) * span.seconds
    return saturated(
        closed=not any(count.late for count in counts),
        server=max(span.nodes) / span.seconds,
        rest=shared / span.seconds / len(cores.rest),
        late=percentile(_ordered(count.late for count in counts), 0.99),
    )


def problems_of(verdicts: Sequence[Verdict]) -> tuple[str, ...]:
    """Each figure that is not 0, in words."""
    found = [problem for verdict in verdicts for problem in verdict.problems]
    for name in ("lost", "skipped", "again", "foreign", "unanswered"):
        if count := sum(asdict(verdict)[name] for verdict in verdicts):
            found.append(f"{count} {name}")
    return tuple(found)


def _ordered(parts: "Iterable[array[float]]") -> list[float]:
    return sorted(chain.from_iterable(parts))
