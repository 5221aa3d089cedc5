"""Runs as its own small process, and becomes one of the services.

Between the fork and the program some things must be set that only the child can set: another
identity when we are root, and a signal that it gets when the server dies, even by `kill -9`.
This is a script of its own, with nothing but the standard library and started without site
packages (some 15 ms), because Python code between fork and exec is unsafe in a process with
threads.

    launcher.py PARENT_PID DEATH_SIGNAL IDENTITY PROGRAM [ARGUMENT...]

IDENTITY is `same`, `namespace`, or `UID:GID`. Without a program it only tries the identity.
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path
from typing import NoReturn

IDENTITY_REFUSED = 97
"""Exit code: this machine does not let us take the identity."""
PROGRAM_REFUSED = 98
"""Exit code: the program cannot be run."""
PARENT_GONE = 99
"""Exit code: the server died before its death could be watched."""

MAPPED_ID = 1000
_CLONE_NEWUSER = 0x10000000
_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> NoReturn:
    """Take the identity, tie this life to the server's, and become the program."""
    parent, death_signal, identity, *command = arguments
    try:
        take_identity(identity)
    except OSError as error:
        fail(IDENTITY_REFUSED, f"cannot run as {identity}: {error}")
    if not command:
        raise SystemExit(0)
    die_with_parent(int(parent), int(death_signal))
    try:
        os.execv(command[0], command)  # noqa: S606 - it is what a launcher is for
    except OSError as error:
        fail(PROGRAM_REFUSED, f"cannot run {command[0]}: {error}")


def take_identity(identity: str) -> None:
    """Stop being root, if asked to.

    Raises:
        OSError: not allowed here.
    """
    if identity == "namespace":
        enter_namespace()
    elif identity != "same":
        user, group = identity.split(":")
        os.setgroups([])
        os.setgid(int(group))
        os.setuid(int(user))


def enter_namespace() -> None:
    """Become an ordinary user inside, while files still see the same owner.

    The capabilities of root end with the exec that follows.
    """
    user, group = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{MAPPED_ID} {user} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{MAPPED_ID} {group} 1", encoding="ascii")


def die_with_parent(parent: int, death_signal: int) -> None:
    """Ask the kernel for `death_signal` when the server dies; end now if it already has.

    Called after the identity is taken, because a change of identity cancels it. Only Linux
    offers this; elsewhere the next start ends what was left.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
    if os.getppid() != parent:
        raise SystemExit(PARENT_GONE)


def fail(code: int, message: str) -> NoReturn:
    """End with a line for the service's log."""
    sys.stderr.write(f"launcher: {message}\n")
    raise SystemExit(code)


if __name__ == "__main__":
    main(sys.argv[1:])
