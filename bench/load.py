"""A load generator: a process with thousands of connections, one thread and one buffer."""

import select
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection
from time import monotonic, process_time

from bench.crowd import Crowd
from bench.plan import Answer, Command, Connect, End, Mark, Plan, Settle, Start, Stop, Stopped
from bench.traffic import Traffic

PATIENCE = 20.0
"""Seconds after which what is still missing counts as lost."""
ENTERING = 150.0
"""Seconds within which everybody must be in."""
LOOK = 0.02
"""Seconds between two looks whether what is waited for has come."""
MOST_EVENTS = 512


def main(plan: Plan, runner: Connection) -> None:
    """Do what the runner says until it says End, or is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Load(plan, runner).serve()


class Load:
    """The loop: commands from the runner, frames from the server, messages that are due."""

    def __init__(self, plan: Plan, runner: Connection) -> None:
        self._runner = runner
        self._poll = select.epoll()
        self._poll.register(runner.fileno(), select.EPOLLIN)
        self._traffic = Traffic(plan)
        self._crowd = Crowd(plan, self._poll, self._traffic)
        self._reached: Callable[[], bool] | None = None
        self._answer: Callable[[], Answer]
        self._until = 0.0
        self._ended = False

    def serve(self) -> None:
        """Run until the end."""
        try:
            while not self._ended:
                self._turn()
        except (EOFError, BrokenPipeError):
            return
        finally:
            self._crowd.close()

    def _turn(self) -> None:
        wait = self._traffic.wait(monotonic())
        wait = wait if self._reached is None else min(wait, LOOK)
        for fd, events in self._poll.poll(wait, MOST_EVENTS):
            if fd == self._runner.fileno():
                self._obey(self._runner.recv())
            else:
                self._crowd.event(fd, events)
        self._traffic.send_due(monotonic())
        if self._reached is not None and (self._reached() or monotonic() > self._until):
            self._reached = None
            self._runner.send(self._answer())

    def _obey(self, command: Command) -> None:
        match command:
            case Connect():
                self._crowd.open_more()
                self._wait_for(self._crowd.all_in, self._crowd.joined, ENTERING)
            case Start():
                self._traffic.start(monotonic())
                self._runner.send(self._traffic.count(process_time()))
            case Mark():
                self._runner.send(self._traffic.count(process_time()))
            case Stop():
                self._traffic.stop()
                stopped = lambda: Stopped(self._traffic.last())  # noqa: E731 - as short as a name
                self._wait_for(self._crowd.answered, stopped, PATIENCE)
            case Settle(last):
                arrived = lambda: not self._crowd.missing(last)  # noqa: E731 - the same
                self._wait_for(arrived, lambda: self._crowd.verdict(last), PATIENCE)
            case End():
                self._ended = True

    def _wait_for(
        self, reached: Callable[[], bool], answer: Callable[[], Answer], seconds: float
    ) -> None:
        """Answer when something is so, or when that has taken too long."""
        self._reached, self._answer, self._until = reached, answer, monotonic() + seconds
