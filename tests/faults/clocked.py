"""A node with a clock that is moved by hand: SIGUSR1 puts it an hour on, SIGUSR2 an hour back.

clocked.py --port PORT
"""

from __future__ import annotations

import argparse
import asyncio
import signal
from contextlib import closing
from datetime import datetime, timedelta

import uvloop

from chatserver.app import listen, running
from chatserver.clock import system_clock
from chatserver.logs import set_up_logs
from chatserver.services import services
from chatserver.settings import Settings

HOUR = timedelta(hours=1)


class MovedClock:
    """The machine's time, put on or back."""

    def __init__(self) -> None:
        self._by = timedelta()

    def __call__(self) -> datetime:
        return system_clock() + self._by

    def move(self, by: timedelta) -> None:
        """Jump."""
        self._by += by


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM."""
    stop, clock, loop = asyncio.Event(), MovedClock(), asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGUSR1, clock.move, HOUR)
    loop.add_signal_handler(signal.SIGUSR2, clock.move, -HOUR)
    with closing(listen(settings.host, settings.port)) as listener:
        async with (
            services(settings, lambda _line: None) as addresses,
            running(settings, addresses, listener, clock),
        ):
            await stop.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    given = Settings(port=parser.parse_args().port)
    set_up_logs(given.log_level)
    uvloop.run(serve(given))
