"""What Linux says about processes: who belongs to whom, their CPU, their memory."""

import os
from collections.abc import Collection, Iterator
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
PROC = Path("/proc")


def _fields(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on; none when there is no such process."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def name(pid: int) -> str:
    """The program's name; empty when it has ended."""
    try:
        return (PROC / str(pid) / "comm").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def alive(pid: int) -> bool:
    """Whether it runs; one that has ended and was not waited for does not."""
    fields = _fields(pid)
    return bool(fields) and fields[0] not in {"Z", "X"}


def cpu(pid: int, *, with_ended: bool = False) -> float:
    """CPU seconds of a process, and of its ended children if asked."""
    fields = _fields(pid)
    return sum(map(int, fields[11 : 15 if with_ended else 13])) / TICK


def memory(pid: int) -> int:
    """Resident bytes."""
    fields = _fields(pid)
    return int(fields[21]) * PAGE if fields else 0


def below(root: int) -> list[int]:
    """Every descendant of a process."""
    children: dict[int, list[int]] = {}
    for pid in _all():
        if fields := _fields(pid):
            children.setdefault(int(fields[1]), []).append(pid)
    found = list(children.get(root, ()))
    for pid in found:
        found += children.get(pid, ())
    return found


def _all() -> Iterator[int]:
    return (int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())


def busy() -> float:
    """CPU seconds that the whole machine has used since it started."""
    values = [int(value) for value in (PROC / "stat").read_text().split("\n", 1)[0].split()[1:9]]
    user, nice, system, _idle, _wait, interrupts, soft, _stolen = values
    return (user + nice + system + interrupts + soft) / TICK


def pin(pids: Collection[int], cores: Collection[int]) -> None:
    """Let processes, with all their threads, run on these cores only."""
    for pid in pids:
        try:
            for task in (PROC / str(pid) / "task").iterdir():
                os.sched_setaffinity(int(task.name), cores)
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended
