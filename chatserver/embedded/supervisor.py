"""Keeps one service running for as long as the server runs."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Protocol

from chatserver.embedded.child import Child, trim_log
from chatserver.embedded.errors import EmbeddedError, KeepsFailing

LIMIT = 5
"""Ends within `WINDOW` after which a service is given up."""
WINDOW = 60.0
"""Seconds."""
_LOG_CHECK = 60.0


class Service(Protocol):
    """A program that can be started again at the same address."""

    @property
    def name(self) -> str:
        """What people are told."""

    async def start(self) -> Child:
        """Start it, and return once it answers."""

    async def stop(self, child: Child) -> None:
        """End it."""


class Supervisor:
    """Starts a service, and starts it again whenever it ends by itself.

    A service that ended `LIMIT` times within `WINDOW` seconds is given up: `on_failure` is
    called once, and what to do is the server's decision.
    """

    def __init__(
        self,
        service: Service,
        progress: Callable[[str], None],
        on_failure: Callable[[EmbeddedError], None],
    ) -> None:
        self._service = service
        self._progress = progress
        self._on_failure = on_failure
        self._ends: deque[float] = deque(maxlen=LIMIT)
        self._child: Child | None = None
        self._watch: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the service and watch it from now on.

        Raises:
            EmbeddedError: the first start failed.
        """
        self._child = await self._service.start()
        self._watch = asyncio.create_task(self._keep_running(), name=self._service.name)

    async def stop(self) -> None:
        """Watch no longer, and end the service."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait([self._watch])
        if self._child is not None:
            await self._service.stop(self._child)

    async def _keep_running(self) -> None:
        while self._child is not None:
            code = await self._wait(self._child)
            self._child = None
            self._progress(f"{self._service.name} ended unexpectedly ({_said(code)}).")
            await self._restart()

    async def _wait(self, child: Child) -> int:
        """Wait for its end, and keep its log within bounds meanwhile."""
        while True:
            try:
                async with asyncio.timeout(_LOG_CHECK):
                    return await child.process.wait()
            except TimeoutError:
                trim_log(child.log)

    async def _restart(self) -> None:
        """Start it again: at once after one end, a little later after each further one."""
        reason = "it started, and ended soon after"
        while not self._ended_too_often():
            try:
                await asyncio.sleep(0.1 * (len(self._ends) - 1))
                self._child = await self._service.start()
            except (EmbeddedError, OSError) as error:
                reason = str(error)
            else:
                self._progress(f"{self._service.name} runs again.")
                return
        self._on_failure(KeepsFailing(f"{self._service.name}: {reason}"))

    def _ended_too_often(self) -> bool:
        """Count one more end; True when that makes too many."""
        now = monotonic()
        while self._ends and self._ends[0] < now - WINDOW:
            self._ends.popleft()
        self._ends.append(now)
        return len(self._ends) >= LIMIT


def _said(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"code {code}"
