"""The load generators, from the runner's side."""

import multiprocessing
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import TypeVar

from bench.load import main
from bench.plan import Answer, Command, End, Plan, Settle, Stop, Stopped, Verdict
from bench.server import ServerFailed, on

A = TypeVar("A", bound=Answer)
PATIENCE = 180.0
"""Seconds within which any command is answered."""


class Generators:
    """Processes that are all told the same."""

    def __init__(self, pipes: Sequence[Connection]) -> None:
        self._pipes = pipes

    def ask(self, command: Command, kind: type[A]) -> list[A]:
        """Tell all of them, and wait for all answers. Raises ServerFailed when one is silent."""
        for pipe in self._pipes:
            pipe.send(command)
        answers = []
        for pipe in self._pipes:
            if not pipe.poll(PATIENCE):
                raise ServerFailed("a load generator is stuck")
            answer = pipe.recv()
            if not isinstance(answer, kind):
                raise ServerFailed(f"a load generator answered {answer}")
            answers.append(answer)
        return answers

    def verdict(self) -> list[Verdict]:
        """Send no more, let everything arrive, and look at all of it."""
        last: dict[str, int] = {}
        for stopped in self.ask(Stop(), Stopped):
            for room, seq in stopped.last.items():
                last[room] = max(seq, last.get(room, 0))
        return self.ask(Settle(last), Verdict)


@contextmanager
def generating(plans: Sequence[Plan], cores: Sequence[int]) -> Iterator[Generators]:
    """Load generators while the block runs, each on a core of its own."""
    context = multiprocessing.get_context("spawn")
    processes, pipes = [], []
    try:
        for number, plan in enumerate(plans):
            ours, theirs = context.Pipe()
            process = context.Process(target=main, args=(plan, theirs), daemon=True)
            with on([cores[number % len(cores)]]):
                process.start()
            theirs.close()
            processes.append(process)
            pipes.append(ours)
        yield Generators(pipes)
        for pipe in pipes:
            pipe.send(End())
    finally:
        for pipe in pipes:
            pipe.close()
        for process in processes:
            process.join(10)
            process.kill()
            process.join()
