"""sample: a made-up community that other tools can plug into."""

import json
import os
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

import click

from chatserver.sample import Sample
from chatserver.sample import sample as make_sample

from .common import Tool, now, run

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option(
    "--people", default=5, show_default=True, type=click.IntRange(1, 9999), help="How many."
)
@click.option(
    "--rooms", default=3, show_default=True, type=click.IntRange(1, 10_000), help="How many."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for other tools.")
@click.option("--people-file", type=FILE, help="Write a token a line; only the owner may read it.")
@click.option("--rooms-file", type=FILE, help="Write a room's id a line.")
def sample(
    people: int, rooms: int, as_json: bool, people_file: Path | None, rooms_file: Path | None
) -> None:
    r"""Create a sample community, or find it, and sign everybody in.

    Works on a running or a stopped server. Refuses on a community that is not a sample.

    \b
    Example: chatserver sample --people 20 --rooms 2 --json
    """

    async def go(tool: Tool) -> tuple[str, Sample]:
        async with tool.database.transaction() as conn:
            await conn.execute("SET LOCAL statement_timeout = 0")
            made = await make_sample(
                conn, tool.vault, people=people, rooms=rooms, now=now(), sign_in=True
            )
        return await tool.url(), made

    with ExitStack() as stack:
        tokens, ids = (_private(stack, file) for file in (people_file, rooms_file))
        url, made = run(go)
        _write(tokens, (person.token for person in made.people))
        _write(ids, (str(room.id) for room in made.rooms))
    if as_json:
        click.echo(json.dumps(_document(url, made)))
    elif not (tokens or ids):
        _show(made)


def _private(stack: ExitStack, file: Path | None) -> TextIO | None:
    """Open a file before anything is done, and leave what is in it until there is something new."""
    if file is None:
        return None
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT, 0o600)
    return stack.enter_context(os.fdopen(descriptor, "w", encoding="ascii"))


def _write(out: TextIO | None, lines: Iterable[str]) -> None:
    """Put lines into a file that only its owner may read, from the first of them on."""
    if out is None:
        return
    os.fchmod(out.fileno(), 0o600)
    out.truncate()
    out.writelines(f"{line}\n" for line in lines)


def _show(made: Sample) -> None:
    for person in made.people:
        click.echo(f"{person.role.value:<12} {person.handle:<14} {person.token}")
    for room in made.rooms:
        click.echo(f"room         {room.name}: {len(room.members)} members")


def _document(url: str, made: Sample) -> dict[str, object]:
    return {
        "url": url,
        "people": [
            {"handle": p.handle, "role": p.role.value, "token": p.token} for p in made.people
        ],
        "rooms": [
            {"id": str(r.id), "name": r.name, "members": list(r.members)} for r in made.rooms
        ],
    }
