"""person: accounts from the command line."""

import click

from people.accounts import service, store
from people.permissions import Role
from people.sessions import service as sessions

from .common import Tool, now, run

ROLES = click.Choice([role.value for role in Role])
GIVEN = click.Choice([role.value for role in Role if role is not Role.MEMBER])


@click.group()
def person() -> None:
    """People: invite, list, roles, suspend, sign out."""


@person.command()
@click.option("--role", type=ROLES, default="member", show_default=True)
@click.option("--days", type=click.IntRange(1, 90), default=7, show_default=True)
def invite(role: str, days: int) -> None:
    r"""Print a link that lets one person in.

    \b
    Example: chatserver person invite --role peer
    """

    async def go(tool: Tool) -> str:
        async with tool.database.transaction() as conn:
            made = await service.invite(conn, None, Role(role), days, now())
        return f"{await tool.url()}/join#{made.code}"

    click.echo(run(go))


@person.command("list")
def list_people() -> None:
    """Everybody, with their roles."""

    async def go(tool: Tool) -> list[str]:
        async with tool.database.connection() as conn:
            found = await store.everybody(conn)
        return [
            f"{who.handle:<32} {', '.join(sorted(who.roles))}"
            + (" (suspended)" if who.suspended_at else "")
            for who in found
        ]

    click.echo("\n".join(run(go)))


@person.command()
@click.argument("handle")
def link(handle: str) -> None:
    """Print a one-time sign-in link for somebody who lost their password."""

    async def go(tool: Tool) -> str:
        async with tool.database.transaction() as conn:
            who = await service.person_by_handle(conn, handle)
            code = await service.make_link(conn, who.id, now())
        return f"{await tool.url()}/enter#{code}"

    click.echo(run(go))


def _set_role(handle: str, role: str, *, on: bool) -> None:
    async def go(tool: Tool) -> None:
        async with tool.database.transaction() as conn:
            who = await service.person_by_handle(conn, handle)
            events = await service.set_role(conn, who.id, Role(role), on, now())
        await tool.publish([*events])

    run(go)


@person.command()
@click.argument("handle")
@click.argument("role", type=GIVEN)
def grant(handle: str, role: str) -> None:
    """Give somebody a role. Example: chatserver person grant alma peer."""
    _set_role(handle, role, on=True)


@person.command()
@click.argument("handle")
@click.argument("role", type=GIVEN)
def revoke(handle: str, role: str) -> None:
    """Take a role back."""
    _set_role(handle, role, on=False)


@person.command()
@click.argument("handle")
@click.option("--lift", is_flag=True, help="Lift a suspension.")
def suspend(handle: str, lift: bool) -> None:
    """Suspend an account; open connections end at once."""

    async def go(tool: Tool) -> None:
        async with tool.database.transaction() as conn:
            who = await service.person_by_handle(conn, handle)
            events = await service.set_suspended(conn, who.id, not lift, now())
        await tool.publish([*events])

    run(go)


@person.command("sign-out")
@click.argument("handle")
def sign_out(handle: str) -> None:
    """End every session of somebody."""

    async def go(tool: Tool) -> None:
        async with tool.database.transaction() as conn:
            who = await service.person_by_handle(conn, handle)
            events = await sessions.end_all(conn, who.id)
        await tool.publish([*events])

    run(go)
