"""From an event to its answer: known? signed in? not too fast? well-formed? then the handler."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import msgspec

from chatserver.errors import InternalError, InvalidRequest, Unavailable, UnknownEvent
from chatserver.logs import get_log
from chatserver.node import Node
from chatserver.protocol.common import Wire
from chatserver.protocol.table import REQUESTS
from people.refusal import Kind, Refusal
from people.sessions.errors import NotSignedIn

from .connection import Connection
from .handler import HANDLERS, PROMPT, Context
from .handlers import messages, people, rooms
from .packet import encode_answer, encode_refusal

HANDLER_MODULES = (messages, people, rooms)
"""Imported for the handlers that they declare."""
REQUEST_SECONDS = 12.0
"""A request that takes longer is refused; the client keeps what it wanted and tries again."""

_decoders = {name: msgspec.json.Decoder(row.body) for name, row in REQUESTS.items()}


class Dispatch:
    """Answers every event of a node's connections."""

    def __init__(self, node: Node) -> None:
        self._node = node

    async def answer(self, sid: str | None, name: str, payload: Any) -> bytes:
        """The acknowledgement of an event, whatever happens. Never raises."""
        reply = _Reply(self._node, name)
        try:
            return reply.done(await self._answer(sid, name, payload))
        except Exception as error:  # noqa: BLE001 - whatever it is, the client gets an answer
            return reply.refused(error)

    def answer_at_once(
        self, sid: str, name: str, payload: Any, acknowledge: Callable[[bytes], None]
    ) -> bool:
        """Take an event for which nothing has to be waited for but its answer.

        False: it is none, and nothing was done. Else `acknowledge` is called once, whatever
        happens. Never raises.
        """
        prompt, connection = PROMPT.get(name), self._node.connections.get(sid)
        if prompt is None or connection is None:
            return False
        try:
            request: Any = _decoders[name].decode(payload)
        except (msgspec.DecodeError, RecursionError, UnicodeError):
            return False
        where = self._node.freshness.known(connection.principal, request.room)
        if where is None:
            return False
        reply = _Reply(self._node, name, acknowledge)
        try:
            self._node.limits.check_request(connection)
            prompt(self._context(connection), where, request, reply)
        except Exception as error:  # noqa: BLE001 - whatever it is, the client gets an answer
            acknowledge(reply.refused(error))
        return True

    def acknowledged(self, sid: str | None) -> None:
        """The acknowledgement is on its way."""
        connection = self._node.connections.get(sid)
        if connection is not None:
            connection.acknowledged()

    async def _answer(self, sid: str | None, name: str, payload: Any) -> Wire:
        connection = self._node.connections.get(sid)
        if connection is None:
            raise NotSignedIn
        self._node.limits.check_request(connection)
        if name not in REQUESTS:
            raise UnknownEvent
        request = self._decode(name, payload)
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                return await HANDLERS[type(request)](self._context(connection), request)
        except TimeoutError:
            raise Unavailable(retry_after=1.0) from None

    def _context(self, connection: Connection) -> Context:
        return Context(self._node, connection, connection.principal, self._node.clock())

    def _decode(self, name: str, payload: Any) -> Wire:
        try:
            return _decoders[name].decode(payload)
        except msgspec.ValidationError as error:
            raise InvalidRequest(str(error)[:200]) from None
        except (msgspec.DecodeError, RecursionError, UnicodeError):
            raise InvalidRequest from None


class _Reply:
    """The one answer of one event, counted and timed."""

    __slots__ = ("_acknowledge", "_name", "_node", "_started")

    def __init__(
        self, node: Node, name: str, acknowledge: Callable[[bytes], None] | None = None
    ) -> None:
        self._node, self._acknowledge = node, acknowledge
        self._name = name if name in REQUESTS else "unknown"
        self._started = time.perf_counter()

    def __call__(self, make: Callable[[], Wire]) -> None:
        """Answer with what this makes, or with what it raises."""
        try:
            body = self.done(make())
        except Exception as error:  # noqa: BLE001 - whatever it is, the client gets an answer
            body = self.refused(error)
        if self._acknowledge is not None:
            self._acknowledge(body)

    def done(self, answer: Wire) -> bytes:
        body = encode_answer(answer)
        self._count("ok")
        return body

    def refused(self, error: Exception) -> bytes:
        if not isinstance(error, Refusal):
            get_log().error("request.failed", event_name=self._name, exc_info=error)
            error = InternalError(retry_after=1.0)
        if error.kind is Kind.UNAVAILABLE:
            self._node.metrics.database_errors.inc()
        self._count(error.code)
        return encode_refusal(error)

    def _count(self, code: str) -> None:
        seconds = time.perf_counter() - self._started
        self._node.metrics.answered(self._name, code, seconds)
