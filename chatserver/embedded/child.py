"""Starting and ending one child process."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from chatserver.embedded.errors import (
    BrokenFolder,
    DiskFull,
    EmbeddedError,
    NotWritable,
    StartFailed,
)
from chatserver.embedded.identity import Identity, launch_command

LARGEST_LOG = 5_000_000
"""Bytes; a log above that becomes the older part, and the older part is dropped."""

_SIGNS: tuple[tuple[str, type[EmbeddedError]], ...] = (
    ("No space left on device", DiskFull),
    ("Disk quota exceeded", DiskFull),
    ("Permission denied", NotWritable),
    ("could not locate a valid checkpoint record", BrokenFolder),
    ("could not open file", BrokenFolder),
    ("incorrect checksum in control file", BrokenFolder),
    ("is not a valid data directory", BrokenFolder),
    ("invalid data in file", BrokenFolder),
    ("database files are incompatible", BrokenFolder),
    ("could not find the database system", BrokenFolder),
    ("invalid page in block", BrokenFolder),
    ("could not read file", BrokenFolder),
)
_GRAVE = ("FATAL", "PANIC", "rror:")


@dataclass(frozen=True)
class Launch:
    """What to run, as whom, where, and what ends it when the server dies."""

    command: list[str]
    identity: Identity
    folder: Path
    log: Path
    death_signal: signal.Signals

    async def start(self) -> Child:
        """Start it in a session of its own, so that Ctrl-C at a terminal does not reach it."""
        trim_log(self.log)
        with self.log.open("ab") as log:
            log_start = os.fstat(log.fileno()).st_size
            process = await asyncio.create_subprocess_exec(
                *launch_command(self.identity, self.death_signal, self.command),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
                start_new_session=True,
            )
            return Child(process, self.log, log_start)


@dataclass(frozen=True)
class Child:
    """A running child, and where in the log its own lines begin."""

    process: asyncio.subprocess.Process
    log: Path
    log_start: int

    async def wait_until(self, ready: Callable[[], Awaitable[bool]], patience: float) -> None:
        """Wait until it is ready, looking every 5 ms; on any failure it is gone afterwards.

        Raises:
            EmbeddedError: it ended, or `patience` seconds were over; its log tells the class.
        """
        deadline = monotonic() + patience
        try:
            while not await ready():
                self._check_alive(deadline)
                await asyncio.sleep(0.005)
        except BaseException:
            await self.stop(signal.SIGKILL, 0)
            raise

    def _check_alive(self, deadline: float) -> None:
        if self.process.returncode is not None or monotonic() > deadline:
            raise self.failure()

    async def stop(self, polite: signal.Signals, patience: float) -> None:
        """Ask it to end, wait `patience` seconds, then end it."""
        for wish in (polite, signal.SIGKILL):
            if self.process.returncode is None:
                self.process.send_signal(wish)
            try:
                async with asyncio.timeout(None if wish == signal.SIGKILL else patience):
                    await self.process.wait()
                return
            except TimeoutError:
                continue

    def failure(self) -> EmbeddedError:
        """Why it did not start, as far as its log tells."""
        with self.log.open("rb") as log:
            log.seek(self.log_start)
            lines = log.read(100_000).decode("utf-8", "replace").splitlines()
        for sign, kind in _SIGNS:
            for line in lines:
                if sign in line:
                    return kind(f"{line.strip()}; log: {self.log}")
        grave = [line for line in lines if any(word in line for word in _GRAVE)]
        last = (grave or lines or [f"it ended with {self.process.returncode}"])[-1]
        return StartFailed(f"{last.strip()}; log: {self.log}")


def trim_log(path: Path) -> None:
    """Keep a log within bounds while a child may be writing to it.

    Children append, so emptying the file under them is safe; a line may be lost in between.
    """
    if path.exists() and path.stat().st_size > LARGEST_LOG:
        shutil.copyfile(path, path.with_name(path.name + ".1"))
        os.truncate(path, 0)
