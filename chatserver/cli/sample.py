"""sample: a made-up community that other tools can plug into."""

import json

import click

from chatserver.sample import Sample
from chatserver.sample import sample as make_sample

from .common import Tool, now, run


@click.command()
@click.option(
    "--people", default=5, show_default=True, type=click.IntRange(1, 9999), help="How many."
)
@click.option(
    "--rooms", default=3, show_default=True, type=click.IntRange(1, 5000), help="How many."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for other tools.")
def sample(people: int, rooms: int, as_json: bool) -> None:
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

    url, made = run(go)
    if as_json:
        click.echo(json.dumps(_document(url, made)))
        return
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
