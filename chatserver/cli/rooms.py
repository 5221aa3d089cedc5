"""room: rooms from the command line."""

from uuid import UUID

import click

from people.accounts import service as accounts
from people.permissions import Relation
from people.refusal import Kind, Refusal
from rooms.directory import service, store
from rooms.directory.events import RoomChanged
from rooms.directory.model import Access, Change, Draft
from rooms.directory.rules import clean_change
from rooms.ids import RoomId

from .common import Tool, now, run

ACCESS = click.Choice([access.value for access in Access])


class NoSuchRoom(Refusal):
    """There is no such room; `chatserver room list` shows them all."""

    code = "not_found"
    kind = Kind.NOT_FOUND


@click.group()
def room() -> None:
    """Rooms: create, change, list, let people in."""


@room.command()
@click.argument("name")
@click.option("--topic", default="", help="One sentence on what it is for.")
@click.option("--access", type=ACCESS, default="open", show_default=True)
@click.option("--agreements", default="", help="What one accepts on joining.")
@click.option("--capacity", type=click.IntRange(2, 10_000), default=200, show_default=True)
@click.option("--expires-after-days", type=click.IntRange(1, 3650), help="Age limit of messages.")
def create(
    name: str,
    topic: str,
    access: str,
    agreements: str,
    capacity: int,
    expires_after_days: int | None,
) -> None:
    """Open a room and print its id. Example: chatserver room create "Night Owls"."""
    draft = Draft(name, topic, Access(access), agreements, capacity, expires_after_days)

    async def go(tool: Tool) -> RoomId:
        async with tool.database.transaction() as conn:
            return await service.create(conn, None, draft, tool.vault, now())

    click.echo(run(go))


@room.command("list")
def list_rooms() -> None:
    """Every room: id, access, members, name."""

    async def go(tool: Tool) -> list[str]:
        async with tool.database.connection() as conn:
            found = await store.all_rooms(conn)
        return [f"{r.id}  {r.access.value:<10}  {count:>5}  {r.name}" for r, count in found]

    click.echo("\n".join(run(go)))


@room.command("set")
@click.argument("room_id", type=click.UUID)
@click.option("--name")
@click.option("--topic")
@click.option("--access", type=ACCESS)
@click.option("--agreements")
@click.option("--capacity", type=click.IntRange(2, 10_000))
@click.option("--expires-after-days", type=click.IntRange(0, 3650), help="0: kept.")
def set_room(
    room_id: UUID,
    name: str | None,
    topic: str | None,
    access: str | None,
    agreements: str | None,
    capacity: int | None,
    expires_after_days: int | None,
) -> None:
    """Change a room; what is not given stays."""
    change = Change(
        name, topic, Access(access) if access else None, agreements, capacity, expires_after_days
    )

    async def go(tool: Tool) -> None:
        async with tool.database.transaction() as conn:
            if await store.room(conn, RoomId(room_id)) is None:
                raise NoSuchRoom
            await store.update(conn, RoomId(room_id), clean_change(change))
        await tool.publish([RoomChanged(RoomId(room_id))])

    run(go)


@room.command()
@click.argument("room_id", type=click.UUID)
@click.argument("handle")
@click.option("--facilitator", is_flag=True, help="As somebody who leads the room.")
def add(room_id: UUID, handle: str, facilitator: bool) -> None:
    """Put somebody into a room. Example: chatserver room add ROOM alma --facilitator."""
    part = Relation.FACILITATOR if facilitator else Relation.MEMBER

    async def go(tool: Tool) -> None:
        async with tool.database.transaction() as conn:
            who = await accounts.person_by_handle(conn, handle)
            events = await service.appoint(conn, who.id, RoomId(room_id), part, now())
        await tool.publish([*events])

    run(go)
