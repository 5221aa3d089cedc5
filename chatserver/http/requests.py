"""Who calls, and from where."""

import ipaddress
from urllib.parse import urlsplit

from aiohttp import web

from chatserver.errors import OriginRefused
from chatserver.settings import Settings

COOKIE = "chat_session"


def token_of(request: web.Request) -> str | None:
    """The session's token: from the cookie, or a bearer header for tools."""
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and bearer:
        return bearer.strip()
    return request.cookies.get(COOKIE)


def address_of(request: web.Request, settings: Settings) -> str:
    """The caller's address, through as many proxies as are trusted.

    An IPv6 caller counts by its /64, which is what one household or phone has.
    """
    hops = [request.remote or "unknown"]
    if settings.trusted_proxies:
        forwarded = request.headers.get("X-Forwarded-For", "").split(",")
        hops = [part.strip() for part in forwarded if part.strip()] + hops
    address = hops[max(0, len(hops) - 1 - settings.trusted_proxies)]
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return request.remote or "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def origin_accepted(origin: str | None, host: str, settings: Settings) -> bool:
    """Whether a page of that origin may talk to this server. A tool sends none."""
    if origin is None or origin in settings.allowed_origins:
        return True
    if origin.casefold() == "{0.scheme}://{0.netloc}".format(urlsplit(settings.url)).casefold():
        return True
    try:
        return urlsplit(origin).netloc.casefold() == host.casefold()
    except ValueError:
        return False


def check_origin(request: web.Request, settings: Settings) -> None:
    """Only this server's own pages may change anything. Raises OriginRefused."""
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    if not origin_accepted(request.headers.get("Origin"), request.host, settings):
        raise OriginRefused
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        raise OriginRefused
