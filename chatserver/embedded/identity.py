"""As whom the services run. PostgreSQL refuses to be root, so a root server needs another way.

An ordinary user stays itself. Root uses, in this order: the user who owns the database folder
already, if that is not root; a user namespace in which root looks like an ordinary user; the
user `nobody`.
"""

from __future__ import annotations

import asyncio
import os
import pwd
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from chatserver.embedded import launcher
from chatserver.embedded.errors import NoOtherUser, NotWritable

RootMode = Literal["auto", "namespace", "nobody"]
"""Which way root takes; `auto` tries a namespace first. The others are for tests."""

_NOBODY = 65534


@dataclass(frozen=True)
class Identity:
    """What the launcher is told, and the owner the services' files must have."""

    name: str
    user: int
    group: int

    @property
    def reaches_less(self) -> bool:
        """True when the services may enter fewer folders than we do: we are root, they are not.

        That holds in a namespace too, where files still see the owner, but no root's rights.
        """
        return self.name != "same"


async def choose_identity(cluster: Path, mode: RootMode = "auto") -> Identity:
    """Decide as whom the services run, and give them the database folder if it exists.

    Raises:
        NoOtherUser: we are root and the machine allows none of the ways.
        NotWritable: the database folder belongs to somebody else.
    """
    owner = cluster.stat() if cluster.exists() else None
    if os.geteuid() != 0:
        if owner is not None and owner.st_uid != os.geteuid():
            raise NotWritable(f"{cluster} belongs to user number {owner.st_uid}")
        return Identity("same", os.geteuid(), os.getegid())
    identity = await _for_root(owner, mode)
    if owner is not None and owner.st_uid != identity.user:
        await asyncio.to_thread(give_tree, cluster, identity)
    return identity


async def _for_root(owner: os.stat_result | None, mode: RootMode) -> Identity:
    namespace = Identity("namespace", 0, os.getegid())
    if owner is not None and owner.st_uid != 0:
        wanted = [_as_user(owner.st_uid, owner.st_gid)]
    elif mode == "namespace":
        wanted = [namespace]
    elif mode == "nobody":
        wanted = [_nobody()]
    else:
        wanted = [namespace, _nobody()]
    for identity in wanted:
        if await _allowed(identity):
            return identity
    raise NoOtherUser


async def _allowed(identity: Identity) -> bool:
    probe = await asyncio.create_subprocess_exec(
        *launch_command(identity, 0, []),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    return await probe.wait() == 0


def launch_command(identity: Identity, death_signal: int, command: list[str]) -> list[str]:
    """The full command line that starts `command` through the launcher."""
    script = str(Path(launcher.__file__))
    settings = [str(os.getpid()), str(death_signal), identity.name]
    return [sys.executable, "-I", "-S", script, *settings, *command]


def give_tree(folder: Path, identity: Identity) -> None:
    """Make the identity the owner of a folder and all that is in it; no link is followed."""
    for parent, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            os.chown(Path(parent, name), identity.user, identity.group, follow_symlinks=False)
    os.chown(folder, identity.user, identity.group)


def _nobody() -> Identity:
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        return _as_user(_NOBODY, _NOBODY)
    return _as_user(entry.pw_uid, entry.pw_gid)


def _as_user(user: int, group: int) -> Identity:
    return Identity(f"{user}:{group}", user, group)
