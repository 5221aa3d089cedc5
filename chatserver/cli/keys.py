"""keys: the community key."""

import os

import click

from chatserver.keys import write_key_file
from people.refusal import Kind, Refusal
from rooms.vault.model import Keyring
from rooms.vault.rules import new_community_key
from rooms.vault.service import rewrap_all

from .common import Tool, progress, run


class KeyNotOurs(Refusal):
    """The community keys are kept outside, where this command cannot write: put a new one first
    there, restart every server, then run this command with --rewrap-only."""

    code = "key_not_ours"
    kind = Kind.CONFLICT


@click.group()
def keys() -> None:
    """The community key, which wraps the key of every room."""


@keys.command()
@click.option("--rewrap-only", is_flag=True, help="Make no new key; use the first one given.")
def rotate(rewrap_only: bool) -> None:
    """Make a new community key and wrap every room's key by it.

    Messages stay as they are and servers go on serving. A crash in the middle leaves both keys
    in the file, and running the command again finishes the work.
    """

    async def go(tool: Tool) -> int:
        if rewrap_only:
            return await _rewrap(tool, tool.vault.keyring)
        file = tool.settings.key_file
        if tool.settings.community_keys is not None or not os.access(file.parent, os.W_OK):
            raise KeyNotOurs
        both = Keyring((new_community_key(), *tool.vault.keyring.keys))
        write_key_file(file, both)
        progress("The new key is in the file; wrapping the rooms' keys by it.")
        # Twice: a room that a server was just making by the old key is there the second time.
        count = await _rewrap(tool, both) + await _rewrap(tool, both)
        write_key_file(file, Keyring(both.keys[:1]))
        return count

    click.echo(f"{run(go)} rooms wrapped anew.")


async def _rewrap(tool: Tool, keyring: Keyring) -> int:
    async with tool.database.transaction() as conn:
        return await rewrap_all(conn, keyring)
