"""How handlers are declared: one function per request type, found by that type."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, TypeVar

from msgspec import Struct

from chatserver.node import Node
from chatserver.protocol.common import Wire
from people.permissions import Principal
from rooms.directory.model import Standing
from rooms.ids import RoomId

from .connection import Connection


class Context(Struct, frozen=True):
    """Who asks, on which connection, when."""

    node: Node
    connection: Connection
    who: Principal
    now: datetime

    async def standing(self, room: Any) -> Standing:
        """Where the asking person stands. Raises NotFound, Unavailable."""
        return await self.node.freshness.standing(self.who, RoomId(room))


Handler = Callable[[Context, Any], Awaitable[Wire]]
Reply = Callable[[Callable[[], Wire]], None]
"""Is called once, with what makes the answer or raises what refuses it."""
PromptHandler = Callable[[Context, Standing, Any, Reply], None]
R = TypeVar("R", bound=Wire)

HANDLERS: dict[type[Wire], Handler] = {}
PROMPT: dict[str, PromptHandler] = {}
"""By event, for requests on a room in which this node knows where the asking person stands:
handlers that wait for nothing themselves. They raise, or see to it that `reply` is called."""


def handles(
    request: type[R],
) -> Callable[[Callable[[Context, R], Awaitable[Wire]]], Handler]:
    """Declare the handler of a request type."""

    def declare(function: Callable[[Context, R], Awaitable[Wire]]) -> Handler:
        HANDLERS[request] = function
        return function

    return declare


def promptly(
    event: str,
    _request: type[R],
) -> Callable[[Callable[[Context, Standing, R, Reply], None]], PromptHandler]:
    """Declare the prompt handler of an event that has an ordinary one beside it."""

    def declare(function: Callable[[Context, Standing, R, Reply], None]) -> PromptHandler:
        PROMPT[event] = function
        return function

    return declare
