"""One call of a route, as handlers take it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from chatserver.node import Node
from people.permissions import Principal
from people.sessions.errors import NotSignedIn
from people.sessions.model import Session


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a route; `session` and `who` are there when the route asks for them."""

    node: Node
    request: web.Request
    body: Any
    now: datetime
    session: Session | None = None
    signed_in: Principal | None = None

    @property
    def who(self) -> Principal:
        """The signed-in person. Raises NotSignedIn."""
        if self.signed_in is None:
            raise NotSignedIn
        return self.signed_in


RouteHandler = Callable[[Call], Awaitable[web.StreamResponse]]
