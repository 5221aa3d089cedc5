"""`python -m bench.draw FILE`: the figures of docs/scaling.md, from JSON lines of measurements."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click

from bench.chart import Chart, Dot, Line, svg
from bench.figures import Spread
from bench.model import FULL, Costs, Habits, Needs, enough, needs
from bench.report import grouped, read
from bench.results import Row
from bench.scaling import SERIES

IMAGES = Path("docs/images")
WHO = (("cpu_s_per_M", "nodes"), ("postgres_s_per_M", "PostgreSQL"), ("valkey_s_per_M", "Valkey"))
SIZES = (1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000)
CROWD = 500_000
COUNTS = (10, 20, 30, 40, 50, 60, 70, 80)
Figures = Mapping[str, float]


def _per_message(name: str) -> Callable[[Figures], float]:
    """Milliseconds of CPU for each message, its deliveries included."""
    return lambda f: f[name] * f["deliveries_per_s"] / f["sends_per_s"] / 1e3


def _measured(
    series: str, label: str, rows: Sequence[Row], figure: Callable[[Figures], float]
) -> Line:
    by_key = grouped(rows)
    dots = []
    for point in SERIES[series]:
        found = by_key.get((point.workload.name, point.nodes), [])
        if found:
            at = Spread.of([figure(row.figures) for row in found])
            dots.append(Dot(point.size, at.median, at.least, at.most))
    return Line(label, dots)


def measured(rows: Sequence[Row]) -> dict[str, Chart]:
    """The charts of what was measured."""
    each = [(name, label, _per_message(name)) for name, label in WHO]
    members = [_measured("members", label, rows, figure) for _, label, figure in each[:2]]
    nodes = [_measured("hints", label, rows, figure) for _, label, figure in each]
    rooms = [_measured("rooms", label, rows, figure) for _, label, figure in each[:2]]
    late = _measured("rooms", "99 of 100 messages", rows, lambda f: f["p99_ms"])
    half = _measured("rooms", "half of them", rows, lambda f: f["p50_ms"])
    ms = "CPU of one message, ms"
    return {
        "members": Chart("The larger the room, the more a message costs", "members", ms, members),
        "nodes": Chart(
            "Each further node hears each message",
            "nodes, with one of every four members or more on each",
            "CPU of one message to 4 people, ms",
            nodes,
            log_x=False,
            log_y=False,
        ),
        "rooms": Chart(
            "What a message costs, by live rooms",
            "live rooms, 400 messages a second in all",
            ms,
            rooms,
            log_y=False,
        ),
        "delay": Chart(
            "How late a message is, by live rooms", "live rooms", "ms", [half, late], log_y=False
        ),
    }


def planned(costs: Costs, habits: Habits) -> dict[str, Chart]:
    """The charts of what the model says."""
    found = [(size, enough(size, habits, costs)) for size in SIZES]
    sizes = [(size, need) for size, need in found if need is not None]

    full = [(size, enough(size, habits, FULL)) for size in SIZES]
    least = [(size, need) for size, need in full if need is not None]
    at = [(n, needs(CROWD, n, habits, costs)) for n in COUNTS]
    cores = [
        _line("nodes at most", sizes, lambda need: need.nodes),
        _line("at least", least, lambda need: need.nodes),
        _line("PostgreSQL cores", sizes, lambda need: need.postgres_cores),
        _line("Redis cores", sizes, lambda need: need.redis_cores),
    ]
    busy = [
        _line("all nodes", at, lambda need: need.node_cores),
        _line("PostgreSQL", at, lambda need: need.postgres_cores),
        _line("Redis", at, lambda need: need.redis_cores),
    ]
    return {
        "needs": Chart("What a community needs (model)", "connected at once", "", cores),
        "spread": Chart(
            f"{CROWD:,} connected: the price of spreading rooms over nodes (model)",
            "nodes",
            "busy cores",
            busy,
            log_x=False,
            log_y=False,
        ),
    }


def _line(label: str, sizes: Sequence[tuple[int, Needs]], of: Callable[[Needs], float]) -> Line:
    found = [(size, of(need)) for size, need in sizes if of(need) > 0]
    return Line(label, [Dot(size, value, value, value) for size, value in found])


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def main(file: Path) -> None:
    """Draw everything into docs/images."""
    IMAGES.mkdir(exist_ok=True)
    charts = measured(read(file)) | planned(Costs(), Habits())
    for name, chart in charts.items():
        (IMAGES / f"{name}.svg").write_text(svg(chart))
        click.echo(f"{IMAGES / name}.svg")


if __name__ == "__main__":
    main()
