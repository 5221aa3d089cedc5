"""The aiohttp application: routes, the door in front of them, headers, metrics."""

import asyncio
import hmac
import ipaddress
from collections.abc import Awaitable, Callable
from dataclasses import replace

import msgspec
from aiohttp import web

from chatserver.errors import InternalError, InvalidRequest, Unavailable
from chatserver.logs import get_log
from chatserver.node import Node
from chatserver.protocol.routes import ROUTES, Access, Route
from people.refusal import NotAllowed, NotFound, Refusal
from people.sessions import service as sessions
from people.sessions.errors import NotSignedIn

from .answers import MAX_BODY, decode, refused
from .call import Call
from .handlers import HANDLERS
from .requests import check_origin, token_of
from .static import HEADERS, WebClient

REQUEST_SECONDS = 12.0
_UNREADABLE = (
    msgspec.DecodeError,
    RecursionError,
    UnicodeError,
    web.RequestPayloadError,
    ConnectionError,
)
"""What a body does that is no JSON, does not unpack, or breaks off."""
_Next = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def _guard(request: web.Request, handler: _Next) -> web.StreamResponse:
    """Every failure becomes an answer with a code and no content."""
    try:
        return await handler(request)
    except Refusal as refusal:
        return refused(refusal)
    except web.HTTPException as error:
        if request.path.startswith("/api/") and error.status in {404, 405}:
            return refused(NotFound())
        raise
    except asyncio.CancelledError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the client gets an answer
        get_log().error("http.failed", route=request.match_info.route.name, exc_info=error)
        return refused(InternalError(retry_after=1.0))


async def _on_prepare(request: web.Request, response: web.StreamResponse) -> None:
    response.headers["Server"] = "chatserver"
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.path.startswith("/api/"):
        response.headers.setdefault("Cache-Control", "no-store")


def _endpoint(node: Node, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    handler = HANDLERS[route.name]

    async def endpoint(request: web.Request) -> web.StreamResponse:
        check_origin(request, node.settings)
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                return await handler(await _call(node, request, route))
        except TimeoutError:
            raise Unavailable(retry_after=1.0) from None

    return endpoint


async def _call(node: Node, request: web.Request, route: Route) -> Call:
    call = Call(node, request, await _body(request, route), node.clock())
    if route.access is Access.PUBLIC:
        return call
    token = token_of(request)
    if not token:
        raise NotSignedIn
    async with node.database.connection() as conn:
        session, who = await sessions.resume(conn, token, call.now)
    return replace(call, session=session, signed_in=who)


async def _body(request: web.Request, route: Route) -> object:
    if route.body is None:
        return None
    if request.content_type != "application/json":
        raise InvalidRequest("The body is to be application/json.")
    raw = bytearray()
    try:
        async for part in request.content.iter_any():
            raw += part
            if len(raw) > MAX_BODY:
                raise InvalidRequest("The body is too large.")
        return decode(bytes(raw), route.body)
    except msgspec.ValidationError as error:
        raise InvalidRequest(str(error)[:200]) from None
    except _UNREADABLE:
        raise InvalidRequest from None


def _metrics(node: Node) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def metrics(request: web.Request) -> web.Response:
        secret = node.settings.metrics_token
        if secret is None:
            near = ipaddress.ip_address(request.remote or "0.0.0.0").is_loopback  # noqa: S104 - an address to compare with, not to listen on
            if not near or "X-Forwarded-For" in request.headers:
                raise NotAllowed
        elif not hmac.compare_digest(
            (token_of(request) or "").encode("utf-8", "surrogateescape"),
            secret.get_secret_value().encode(),
        ):
            raise NotAllowed
        return web.Response(body=node.metrics.text(), content_type="text/plain")

    return metrics


def build_app(node: Node) -> web.Application:
    """The application; the socket gateway attaches itself to it."""
    app = web.Application(middlewares=[_guard], client_max_size=MAX_BODY)
    app.on_response_prepare.append(_on_prepare)
    for route in ROUTES:
        app.router.add_route(route.method, route.path, _endpoint(node, route), name=route.name)
    app.router.add_get("/metrics", _metrics(node), name="metrics")
    return app


def add_web_client(app: web.Application, client: WebClient) -> None:
    """Everything else is the web client; added last, so that it takes only what is left."""
    app.router.add_get("/{path:(?!api/|socket\\.io/).*}", client.serve, name="web")
