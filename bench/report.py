"""Rows as people read them, and rows in a file of JSON lines."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from bench.figures import Spread
from bench.results import Row

Key = tuple[str, int]


def read(file: Path) -> list[Row]:
    """The rows of a file; a last line that was cut off is left out."""
    rows = []
    for line in file.read_text().splitlines():
        try:
            fields = json.loads(line)
        except json.JSONDecodeError:
            continue
        rows.append(Row(**{**fields, "problems": tuple(fields["problems"])}))
    return rows


def write(file: Path, row: Row) -> None:
    """Add a row."""
    with file.open("a") as out:
        out.write(json.dumps(asdict(row)) + "\n")


def grouped(rows: Iterable[Row]) -> dict[Key, list[Row]]:
    """The good runs of each workload at each number of nodes."""
    found: dict[Key, list[Row]] = {}
    for row in rows:
        if not row.problems:
            found.setdefault((row.workload, row.nodes), []).append(row)
    return found


def spreads(rows: Sequence[Row]) -> dict[str, Spread]:
    """Each figure over the runs of one workload."""
    return {name: Spread.of([row.figures[name] for row in rows]) for name in rows[0].figures}


def table(rows: Iterable[Row], baseline: Iterable[Row] = ()) -> list[str]:
    """A table for each workload: each figure as the median and range of its runs, and, beside a
    baseline, how many times as much it is."""
    lines = []
    before = {key: spreads(found) for key, found in grouped(baseline).items()}
    for key, found in grouped(rows).items():
        name, nodes = key
        lines.append("")
        lines.append(f"{name}, nodes: {nodes}, runs: {len(found)}{_limits(found)}")
        lines += _figures(spreads(found), before.get(key, {}))
    return lines


def _figures(now: Mapping[str, Spread], before: Mapping[str, Spread]) -> list[str]:
    lines = []
    for name, spread in now.items():
        line = f"  {name:<22} {spread!s:<32}"
        if name in before and before[name].median:
            line += f" x {spread.median / before[name].median:.2f} of {before[name]}"
        lines.append(line.rstrip())
    return lines


def _limits(rows: Sequence[Row]) -> str:
    """That the figures are not the server's alone, where it is so."""
    count = sum(row.saturated for row in rows)
    return (
        f" (load generator saturated in {count}: throughput is not the server's)" if count else ""
    )
