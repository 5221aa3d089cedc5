"""How handlers are declared: one function per request type, found by that type."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from chatserver.node import Node
from chatserver.protocol.common import Wire
from people.permissions import Principal
from rooms.directory.model import Standing
from rooms.ids import RoomId

from .connection import Connection


@dataclass(frozen=True, slots=True)
class Context:
    """Who asks, on which connection, when."""

    node: Node
    connection: Connection
    who: Principal
    now: datetime

    async def standing(self, room: Any) -> Standing:
        """Where the asking person stands. Raises NotFound, Unavailable."""
        return await self.node.freshness.standing(self.who, RoomId(room))


Handler = Callable[[Context, Any], Awaitable[Wire]]
R = TypeVar("R", bound=Wire)

HANDLERS: dict[type[Wire], Handler] = {}
TIMELY: set[type[Wire]] = set()
"""Requests whose handlers bound their own time; the others are given a limit from outside."""


def handles(
    request: type[R], *, timely: bool = False
) -> Callable[[Callable[[Context, R], Awaitable[Wire]]], Handler]:
    """Declare the handler of a request type. `timely`: it bounds its own time."""

    def declare(function: Callable[[Context, R], Awaitable[Wire]]) -> Handler:
        HANDLERS[request] = function
        if timely:
            TIMELY.add(request)
        return function

    return declare
