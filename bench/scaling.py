"""`python -m bench.scaling`: how the cost grows with nodes, with rooms, with members of a room.

Always an open loop of the same number of deliveries a second, so that CPU can be compared: where
nodes share cores, throughput says nothing.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from bench.figures import Spread
from bench.report import grouped, spreads
from bench.results import Row
from bench.run import BY_NAME, FILE, begin, end, one
from bench.workloads import Workload


@dataclass(frozen=True, slots=True)
class Point:
    """A workload at a number of nodes; `size` is what grows."""

    size: int
    workload: Workload
    nodes: int = 1


def _rooms(count: int) -> Workload:
    about = f"{count:,} live rooms, two connections in each, 400 messages a second"
    return Workload(
        f"rooms{count}",
        about,
        *(count, 2, 1),
        rate=400,
        seconds=10,
        connections=2000,
        people=20,
    )


def _members(count: int) -> Workload:
    about = f"one room of {count:,}, 5,000 deliveries a second"
    return Workload(f"members{count}", about, 1, count, senders=8, rate=5000 / count, seconds=10)


def _quiet(count: int) -> Workload:
    about = f"{count:,} live rooms, two connections in each, silent"
    return Workload(f"quiet{count}", about, count, 2, seconds=20, connections=2000, people=20)


HINTS = Workload("hints", "100 rooms of 4, 400 a second", 100, 4, senders=4, rate=400, seconds=10)
"""Small rooms: what one node's message costs the others is not lost among its deliveries."""


SERIES: Mapping[str, tuple[Point, ...]] = {
    "nodes": tuple(Point(n, BY_NAME["rate20x50"], n) for n in (1, 2, 3, 4)),
    "hints": tuple(Point(n, HINTS, n) for n in (1, 2, 3)),
    "rooms": tuple(Point(n, _rooms(n)) for n in (100, 1000, 10_000)),
    "quiet": tuple(Point(n, _quiet(10_000), n) for n in (1, 2)),
    "members": tuple(Point(n, _members(n)) for n in (10, 100, 1000, 5000)),
}
COLUMNS = {
    "deliveries_per_s": "deliveries/s",
    "cpu_s_per_M": "CPU s per million, nodes",
    "postgres_s_per_M": "PostgreSQL",
    "valkey_s_per_M": "Valkey",
    "cpu_percent": "CPU %, nodes",
    "postgres_percent": "PostgreSQL %",
    "valkey_percent": "Valkey %",
    "wal_kB_per_send": "WAL kB per message",
    "p50_ms": "p50 ms",
    "p99_ms": "p99 ms",
    "grown_MB": "memory of all connections, MB",
    "kB_per_connection": "kB per connection",
}


@click.command()
@click.option("--series", type=click.Choice([*SERIES, "all"]), default="all", show_default=True)
@click.option("--repeat", type=click.IntRange(1, 99), default=1, show_default=True)
@click.option("--out", type=FILE, help="Write a JSON line for each run here.")
@click.option("--resume", is_flag=True, help="Keep what is in the file, and run what is missing.")
def main(series: str, repeat: int, out: Path | None, resume: bool) -> None:
    """Measure how the cost grows, and print tables in Markdown."""
    rows = begin(out, resume=resume)
    done = {(row.workload, row.nodes, row.run) for row in rows if not row.problems}
    chosen = [series] if series in SERIES else list(SERIES)
    points = [point for name in chosen for point in SERIES[name]]
    for run, point in ((run, point) for run in range(repeat) for point in points):
        if (point.workload.name, point.nodes, run) not in done:
            rows.append(one(point.workload, point.nodes, run, out))
    click.echo(f"Cores: {os.cpu_count()}. Median of {repeat}, with the range where runs differ.")
    for name in chosen:
        click.echo("\n" + "\n".join(markdown(name, rows)))
    end(rows)


def markdown(series: str, rows: Iterable[Row]) -> list[str]:
    """A table of one series: a line for each size."""
    by_key = grouped(rows)
    found = [
        (point.size, spreads(by_key[key]))
        for point in SERIES[series]
        if (key := (point.workload.name, point.nodes)) in by_key
    ]
    names = [name for name in COLUMNS if any(name in figures for _, figures in found)]
    lines = [f"| {series} | " + " | ".join(COLUMNS[name] for name in names) + " |"]
    lines.append("| ---: " * (len(names) + 1) + "|")
    for size, figures in found:
        lines.append(f"| {size:,} | " + " | ".join(_cells(figures, names)) + " |")
    return lines


def _cells(figures: Mapping[str, Spread], names: Iterable[str]) -> list[str]:
    return [str(figures[name]) if name in figures else "" for name in names]


if __name__ == "__main__":
    main()
