"""Figures of one process for Prometheus. No label holds a person, a room or a text."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)


class Metrics:
    """One registry per server, so that several can live in one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._answered: dict[tuple[str, str], tuple[Counter, Histogram]] = {}
        r = self.registry
        self.connections = Gauge("chat_connections", "Open connections.", registry=r)
        self.rooms = Gauge("chat_live_rooms", "Rooms followed on this node.", registry=r)
        self.requests = Counter(
            "chat_requests", "Requests by event and outcome.", ["event", "code"], registry=r
        )
        self.seconds = Histogram(
            "chat_request_seconds",
            "Time to answer a request.",
            ["event"],
            buckets=_FAST,
            registry=r,
        )
        self.deliveries = Counter("chat_deliveries", "Events given to connections.", registry=r)
        self.cut = Counter(
            "chat_slow_readers", "Connections cut for reading too slowly.", registry=r
        )
        self.flags = Counter(
            "chat_flags",
            "Flags on new messages by category and severity.",
            ["category", "severity"],
            registry=r,
        )
        self.recoveries = Counter("chat_recoveries", "Gaps filled from the database.", registry=r)
        self.bus_up = Gauge("chat_bus_up", "1 while Redis is connected.", registry=r)
        self.bus_dropped = Counter(
            "chat_bus_dropped", "Hints not published; the sweep made up for them.", registry=r
        )
        self.replica_reads = Counter(
            "chat_replica_reads", "Pages of older messages read from a replica.", registry=r
        )
        self.database_errors = Counter(
            "chat_database_errors", "Requests refused for lack of the database.", registry=r
        )

    def answered(self, event: str, code: str, seconds: float) -> None:
        """A request has its answer."""
        known = self._answered.get((event, code))
        if known is None:
            count, time = self.requests.labels(event, code), self.seconds.labels(event)
            known = self._answered[event, code] = count, time
        known[0].inc()
        known[1].observe(seconds)

    def text(self) -> bytes:
        """The exposition format."""
        return generate_latest(self.registry)
