"""What a node leaves for its operator to see: a log that is short and tells nobody's words, and
memory that comes back."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

PAGE_MEGABYTES = os.sysconf("SC_PAGE_SIZE") / 2**20


def reproaches(lines: Sequence[str], secrets: Iterable[str], most: int) -> list[str]:
    """What is wrong with a part of a log. Nothing that dies around a node may look like an error
    of the node, and no secret may stand there."""
    found = [line for line in lines if '"level": "error"' in line or "Traceback" in line]
    found += [
        f"in the log: {secret}" for secret in secrets if any(secret in line for line in lines)
    ]
    if len(lines) > most:
        found.append(f"{len(lines)} lines in the log, such as {lines[len(lines) // 2]}")
    return found


def memory_of(pid: int) -> float:
    """The memory that a process has of its own, in MB."""
    fields = Path(f"/proc/{pid}/statm").read_text().split()
    return (int(fields[1]) - int(fields[2])) * PAGE_MEGABYTES
