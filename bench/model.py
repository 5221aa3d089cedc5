"""What a community needs, worked out from what was measured (docs/scaling.md). No I/O."""

from dataclasses import dataclass

HOUR = 3600.0
DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Costs:
    """CPU in seconds, memory and storage in bytes, as measured at a quiet pace (docs/scaling.md):
    with little to do, each message is received, stored and told by itself, and costs most.

    `hint`: to a node and from it to all nodes, for each further node that follows the room.
    `connected`: a connection for a second. `sweep`: a look at a live room, once a second.
    `follow`: memory of a live room on a node, its first two followers included.
    `redis_message`: of a message that one other node hears; `redis_hint`: of each more.
    """

    message: float = 0.8e-3
    hint: float = 0.3e-3
    delivery: float = 10e-6
    join: float = 0.9e-3
    connected: float = 1.5e-6
    sweep: float = 3.5e-6
    postgres_message: float = 0.4e-3
    postgres_join: float = 0.35e-3
    postgres_sweep: float = 0.8e-6
    redis_message: float = 40e-6
    redis_hint: float = 10e-6
    connection: float = 9e3
    follow: float = 7e3
    node: float = 87e6
    wal: float = 860.0
    stored: float = 490.0


FULL = Costs(
    message=65e-6,
    hint=60e-6,
    delivery=1.8e-6,
    postgres_message=20e-6,
    redis_message=2.5e-6,
    redis_hint=2.5e-6,
)
"""The same of nodes that are full, which share each commit, write and wake-up."""


@dataclass(frozen=True, slots=True)
class Habits:
    """How a community behaves in its busiest hour.

    `followers`: how many follow the room of a message, on average. `rooms`: rooms that one
    connection follows. `return_seconds`: the time in which everybody must be able to come back.
    `busy_hours`: how many such hours a day's messages make.
    """

    messages_an_hour: float = 20.0
    followers: float = 50.0
    rooms: float = 2.0
    return_seconds: float = 120.0
    busy_hours: float = 8.0


@dataclass(frozen=True, slots=True)
class Needs:
    """Rates a second; cores that are busy; bytes."""

    nodes: int
    messages: float
    deliveries: float
    node_cores: float
    storm_cores: float
    postgres_cores: float
    postgres_storm_cores: float
    redis_cores: float
    memory: float
    wal: float
    stored_a_day: float


def spread(followers: float, nodes: int) -> float:
    """How many nodes have somebody of a room, when connections fall on nodes at random."""
    nowhere: float = (1 - 1 / nodes) ** followers
    return nodes * (1 - nowhere)


def needs(connected: float, nodes: int, habits: Habits, costs: Costs) -> Needs:
    """What so many connected people need, on so many nodes."""
    messages = connected * habits.messages_an_hour / HOUR
    deliveries = messages * habits.followers
    live = connected * habits.rooms / habits.followers
    reach = spread(habits.followers, nodes)
    followed = live * reach
    others = messages * (reach - 1)
    joins = connected * habits.rooms / habits.return_seconds
    return Needs(
        nodes=nodes,
        messages=messages,
        deliveries=deliveries,
        node_cores=messages * costs.message
        + others * costs.hint
        + deliveries * costs.delivery
        + connected * costs.connected
        + followed * costs.sweep,
        storm_cores=joins * costs.join,
        postgres_cores=messages * costs.postgres_message + followed * costs.postgres_sweep,
        postgres_storm_cores=joins * costs.postgres_join,
        redis_cores=_redis(messages, reach, costs),
        memory=nodes * costs.node + connected * costs.connection + followed * costs.follow,
        wal=messages * costs.wal,
        stored_a_day=messages * HOUR * habits.busy_hours * costs.stored,
    )


def _redis(messages: float, reach: float, costs: Costs) -> float:
    """Nothing is hinted at where no other node listens."""
    told = min(1.0, reach - 1)
    return messages * (told * costs.redis_message + (reach - 1 - told) * costs.redis_hint)


def enough(
    connected: float, habits: Habits, costs: Costs, *, share: float = 0.5, most: int = 500
) -> Needs | None:
    """The fewest nodes of a core each on which the busiest hour uses no more than this share of a
    core, and everybody can come back in time on what is left; None when no number is enough."""
    for nodes in range(1, most + 1):
        found = needs(connected, nodes, habits, costs)
        left = nodes - found.node_cores
        if found.node_cores <= share * nodes and found.storm_cores <= left:
            return found
    return None
