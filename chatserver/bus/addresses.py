"""Where Redis is: one server, a cluster, or a server that Sentinels name.

    redis://  rediss://  unix://                      one server, as redis-py reads it
    redis+cluster://host:port,host:port/              some of the servers of a Redis Cluster
    redis+sentinel://host:port,host:port/0?service=x  the Sentinels that watch over service x

`rediss+` in front means TLS. A user and a password stand before the hosts, percent-encoded, and are
those of the Redis servers; Sentinels' own are `sentinel_username` and `sentinel_password`.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from redis.asyncio.connection import AbstractConnection, Connection, ConnectionPool, SSLConnection
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool
from redis.backoff import NoBackoff

from .wire import Connect

SINGLE = ("redis", "rediss", "unix")
CLUSTER = ("redis+cluster", "rediss+cluster")
SENTINEL = ("redis+sentinel", "rediss+sentinel")
SCHEMES = (*SINGLE, *CLUSTER, *SENTINEL)
REDIS_PORT, SENTINEL_PORT = 6379, 26379

Place = tuple[str, int]
"""A server's host and port."""


def _options() -> dict[str, Any]:
    """Every connection's: one try, and no time limit of its own for answers (see wire.py)."""
    return {
        "socket_connect_timeout": 2,
        "socket_timeout": None,
        "retry": Retry(NoBackoff(), 0),
        "protocol": 2,
    }


@dataclass(frozen=True, slots=True)
class SingleServer:
    """One server; which one, a Sentinel may say anew at each connection."""

    connect: Connect


@dataclass(frozen=True, slots=True)
class ClusterServers:
    """Some servers of a cluster, which know the others; all have the same sign-in."""

    seeds: tuple[Place, ...]
    tls: bool
    options: dict[str, Any]

    def connect(self, place: Place) -> AbstractConnection:
        """A connection to one of its servers, not yet opened."""
        kind = SSLConnection if self.tls else Connection
        return kind(host=place[0], port=place[1], **_options(), **self.options)


def redis_at(url: str) -> SingleServer | ClusterServers:
    """What a URL names; nothing is connected yet. Raises ValueError with a sentence that repeats
    nothing of the URL, for it may hold a password."""
    parts = urlsplit(url)
    if parts.scheme in SINGLE:
        return _single(url)
    if parts.scheme in CLUSTER:
        return _cluster(parts)
    if parts.scheme in SENTINEL:
        return _sentinel(parts)
    raise ValueError(f"it is to begin with {' or '.join(f'{s}://' for s in SCHEMES)}")


def _single(url: str) -> SingleServer:
    try:
        pool: ConnectionPool = ConnectionPool.from_url(url, **_options())
        pool.make_connection()  # type: ignore[no-untyped-call]
    except (TypeError, ValueError):
        raise ValueError("its host, port, path or options cannot be read") from None
    return SingleServer(pool.make_connection)


def _cluster(parts: SplitResult) -> ClusterServers:
    if parts.path.strip("/") not in {"", "0"} or parts.query:
        raise ValueError("a cluster has one database and no options: no more than hosts and /")
    seeds = _places(parts, REDIS_PORT)
    return ClusterServers(seeds, parts.scheme.startswith("rediss"), _sign_in(parts))


def _sentinel(parts: SplitResult) -> SingleServer:
    query = dict(parse_qsl(parts.query))
    service = query.pop("service", "")
    own = {name: query.pop(f"sentinel_{name}", None) for name in ("username", "password")}
    database = parts.path.strip("/") or "0"
    if not service:
        raise ValueError("it is to name the service that the Sentinels watch: ?service=NAME")
    if query or not database.isdecimal():
        raise ValueError("its options are service, sentinel_username and sentinel_password")
    tls = parts.scheme.startswith("rediss")
    sentinels = Sentinel(  # type: ignore[no-untyped-call]
        _places(parts, SENTINEL_PORT),
        sentinel_kwargs={**_options(), "socket_timeout": 1, "ssl": tls, **own},
    )
    pool = SentinelConnectionPool(  # type: ignore[no-untyped-call]
        service, sentinels, ssl=tls, db=int(database), **_options(), **_sign_in(parts)
    )
    return SingleServer(pool.make_connection)


def _sign_in(parts: SplitResult) -> dict[str, str]:
    given = parts.netloc.rpartition("@")[0]
    username, _, password = given.partition(":")
    found = {"username": unquote(username), "password": unquote(password)}
    return {name: value for name, value in found.items() if value}


def _places(parts: SplitResult, port: int) -> tuple[Place, ...]:
    hosts = parts.netloc.rpartition("@")[2].split(",")
    try:
        read = [urlsplit(f"//{host}") for host in hosts]
        found = tuple((one.hostname or "", one.port or port) for one in read)
    except ValueError:
        raise ValueError("its hosts are to be HOST:PORT, with a comma between") from None
    if not all(host for host, _ in found):
        raise ValueError("its hosts are to be HOST:PORT, with a comma between")
    return found
