"""How HTTP answers look: the same envelope as on the socket, and a status for each refusal."""

import math

import msgspec
from aiohttp import web

from chatserver.protocol.common import Wire
from chatserver.socket.packet import encode_answer, encode_refusal
from people.refusal import Kind, Refusal

STATUS = {
    Kind.INVALID: 400,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.THROTTLED: 429,
    Kind.UNAVAILABLE: 503,
}
MAX_BODY = 20_000
"""Largest JSON body, in bytes: a handle, a password and a code are far below it."""


def done(answer: Wire, *, status: int = 200) -> web.Response:
    """A request that was done."""
    return web.Response(body=encode_answer(answer), status=status, content_type="application/json")


def refused(refusal: Refusal) -> web.Response:
    """A request that was not done."""
    response = web.Response(
        body=encode_refusal(refusal),
        status=STATUS[refusal.kind],
        content_type="application/json",
    )
    if refusal.retry_after is not None:
        response.headers["Retry-After"] = str(math.ceil(refusal.retry_after))
    return response


def decode(body: bytes, into: type[Wire]) -> Wire:
    """A strict body. Raises msgspec.DecodeError, RecursionError."""
    return msgspec.json.decode(body, type=into)
