"""`python -m bench.run`: measure this server on this machine."""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from bench.measure import measure
from bench.report import read, table, write
from bench.results import Row
from bench.server import ServerFailed
from bench.workloads import WORKLOADS, Workload

BY_NAME = {workload.name: workload for workload in WORKLOADS}
FILE = click.Path(dir_okay=False, path_type=Path)


def _chosen(_ctx: click.Context, _param: click.Parameter, value: str) -> list[Workload]:
    names = [name for name in value.split(",") if name]
    if unknown := [name for name in names if name not in BY_NAME]:
        raise click.BadParameter(f"{', '.join(unknown)}: choose from {', '.join(BY_NAME)}")
    return [BY_NAME[name] for name in names] or list(WORKLOADS)


@click.command(epilog="Workloads: " + "; ".join(f"{w.name} ({w.about})" for w in WORKLOADS))
@click.option("--workloads", callback=_chosen, default="", help="Their names, with commas between.")
@click.option("--repeat", type=click.IntRange(1, 99), default=1, show_default=True)
@click.option("--nodes", type=click.IntRange(1, 4), default=1, show_default=True)
@click.option("--out", type=FILE, help="Write a JSON line for each run here.")
@click.option("--resume", is_flag=True, help="Keep what is in the file, and run what is missing.")
@click.option("--baseline", type=FILE, help="An earlier file to compare with.")
def main(
    workloads: list[Workload],
    repeat: int,
    nodes: int,
    out: Path | None,
    resume: bool,
    baseline: Path | None,
) -> None:
    """Measure this server: what it delivers, what that costs, and whether anything was lost.

    Ctrl-C ends it, with the server. Fails when a message was lost, doubled or out of order.
    """
    earlier = read(baseline) if baseline else []
    rows = begin(out, resume=resume)
    done = {(row.workload, row.nodes, row.run) for row in rows if not row.problems}
    try:
        for run, workload in ((run, workload) for run in range(repeat) for workload in workloads):
            if (workload.name, nodes, run) not in done:
                rows.append(one(workload, nodes, run, out))
    except KeyboardInterrupt:
        click.echo("Stopped; with --out and --resume it goes on from here.", err=True)
        raise SystemExit(130) from None
    finally:
        click.echo("\n".join(table(rows, earlier)))
    end(rows)


def begin(out: Path | None, *, resume: bool) -> list[Row]:
    """The rows of an earlier run to go on from; a file that is not gone on with is emptied.

    From here on SIGTERM ends everything as Ctrl-C does.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if out and not resume:
        out.write_text("")
    return read(out) if out and out.exists() else []


def one(workload: Workload, nodes: int, run: int, out: Path | None) -> Row:
    """Run a workload, say how it went, and keep the row."""
    click.echo(
        f"{workload.name}, nodes: {nodes}, run {run + 1}: {workload.about} ... ", nl=False, err=True
    )
    try:
        row = measure(workload, nodes=nodes, run=run, cores=sorted(os.sched_getaffinity(0)))
    except ServerFailed as error:
        row = Row(workload.name, nodes, run, {}, (f"{type(error).__name__}: {error}",))
    click.echo("; ".join(row.problems) or "done", err=True)
    if out:
        write(out, row)
    return row


def end(rows: Sequence[Row]) -> None:
    """Fail when a run did."""
    if any(row.problems for row in rows):
        click.echo("Not every run was good.", err=True)
        raise SystemExit(1)


if __name__ == "__main__":
    main()
