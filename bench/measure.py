"""One run of one workload, from an empty folder to a row of figures."""

import resource
from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import monotonic, sleep

from bench.generators import Generators, generating
from bench.plan import Connect, Count, Joined, Mark, Seat, Start
from bench.processes import busy
from bench.results import (
    Moment,
    Row,
    Span,
    is_saturated,
    joining,
    problems_of,
    remembering,
    staying,
    talking,
)
from bench.server import Cores, Server, ServerFailed, running
from bench.workloads import Workload, seats, shares

WARM_SECONDS = 2.0
"""Messages are sent for so long before it counts."""
MOST_GENERATORS = 4
HISTORY_SECONDS = 30.0


def measure(workload: Workload, *, nodes: int, run: int, cores: Sequence[int]) -> Row:
    """Start everything, measure, check, and end everything. Raises ServerFailed."""
    where = Cores.of(cores, nodes)
    _open_files()
    with running(nodes, where) as server:
        people = workload.people or workload.rooms * workload.members
        tokens, rooms = server.sample(people, workload.rooms)
        everybody = seats(workload, tokens, rooms, server.ports)
        if workload.history:
            _tell_history(workload, everybody, where)
        server.quiet()
        before = _now(server)
        plans = shares(workload, everybody, min(len(where.rest), MOST_GENERATORS))
        with generating(plans, where.rest) as load:
            joined = load.ask(Connect(), Joined)
            row = Row(workload.name, nodes, run, {}, _failed(joined))
            if not row.problems:
                row = _Run(workload, server, load, where, before, joined).row(row)
    return row


@dataclass(frozen=True, slots=True)
class _Run:
    """Everybody is in; what the workload is about begins."""

    workload: Workload
    server: Server
    load: Generators
    where: Cores
    before: Moment
    joined: list[Joined]

    def row(self, row: Row) -> Row:
        if self.workload.talks:
            row = self._talk(row)
        elif self.workload.seconds:
            row = self._stay(row)
        else:
            row = self._get_in(row)
        return replace(row, problems=problems_of(self.load.verdict()))

    def _talk(self, row: Row) -> Row:
        self.server.quiet()
        memory = remembering(self._grown(), self.joined)
        self.load.ask(Start(), Count)
        sleep(WARM_SECONDS)
        span, counts, generators = self._watch()
        return replace(
            row,
            figures=talking(span, counts, generators) | memory,
            saturated=is_saturated(span, counts, generators, self.where),
        )

    def _stay(self, row: Row) -> Row:
        self.server.quiet()
        span, _, generators = self._watch()
        memory = remembering(self._grown(), self.joined)
        return replace(row, figures=staying(span, generators) | memory)

    def _grown(self) -> int:
        """How many bytes more the nodes hold than before anybody came."""
        return self.server.used().memory - self.before.used.memory

    def _get_in(self, row: Row) -> Row:
        self.server.quiet()
        span = Span.between(self.before, _now(self.server))
        return replace(row, figures=joining(span, self.joined))

    def _watch(self) -> tuple[Span, list[Count], float]:
        """What happens and is used in the workload's seconds, and the generators' CPU in them."""
        first, begin = self.load.ask(Mark(), Count), _now(self.server)
        sleep(self.workload.seconds)
        counts, end = self.load.ask(Mark(), Count), _now(self.server)
        generators = sum(b.cpu - a.cpu for a, b in zip(first, counts, strict=True))
        return Span.between(begin, end), counts, generators


def _now(server: Server) -> Moment:
    wal = server.wal()
    return Moment(monotonic(), server.used(), busy(), wal)


def _failed(joined: Sequence[Joined]) -> tuple[str, ...]:
    return tuple(problem for answer in joined for problem in answer.problems)


def _tell_history(workload: Workload, everybody: Sequence[Seat], where: Cores) -> None:
    """Have one member of each room say so many messages."""
    speakers = [replace(seat, speaks=True) for seat in everybody[:: workload.members]]
    told = replace(workload, members=1, senders=1, window=8)
    wanted = workload.history * workload.rooms
    with generating(shares(told, speakers, 1), where.rest) as load:
        failed = _failed(load.ask(Connect(), Joined))
        load.ask(Start(), Count)
        until = monotonic() + HISTORY_SECONDS
        while wanted > 0 and monotonic() < until:
            sleep(0.1)
            wanted -= sum(len(count.acks) for count in load.ask(Mark(), Count))
        problems = failed + problems_of(load.verdict())
    if problems or wanted > 0:
        raise ServerFailed(", ".join(problems) or "history took too long")


def _open_files() -> None:
    """Allow this process, and all that it starts, as many open files as the machine does."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
