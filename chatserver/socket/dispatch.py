"""From an event to its answer: known? signed in? not too fast? well-formed? then the handler."""

import asyncio
import time
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
from .handler import HANDLERS, TIMELY, Context
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
        started = time.perf_counter()
        known = name if name in REQUESTS else "unknown"
        try:
            answer = await self._answer(sid, name, payload)
            body, code = encode_answer(answer), "ok"
        except Refusal as refusal:
            body, code = encode_refusal(refusal), refusal.code
            if refusal.kind is Kind.UNAVAILABLE:
                self._node.metrics.database_errors.inc()
        except Exception as error:  # noqa: BLE001 - whatever it is, the client gets an answer
            get_log().error("request.failed", event_name=known, exc_info=error)
            body, code = encode_refusal(InternalError(retry_after=1.0)), InternalError.code
        self._node.metrics.answered(known, code, time.perf_counter() - started)
        return body

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
        return await self._handle(connection, self._decode(name, payload))

    def _decode(self, name: str, payload: Any) -> Wire:
        try:
            return _decoders[name].decode(payload)
        except msgspec.ValidationError as error:
            raise InvalidRequest(str(error)[:200]) from None
        except (msgspec.DecodeError, RecursionError, UnicodeError):
            raise InvalidRequest from None

    async def _handle(self, connection: Connection, request: Wire) -> Wire:
        node = self._node
        context = Context(node, connection, connection.principal, node.clock())
        kind = type(request)
        if kind in TIMELY:
            return await HANDLERS[kind](context, request)
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                return await HANDLERS[kind](context, request)
        except TimeoutError:
            raise Unavailable(retry_after=1.0) from None
