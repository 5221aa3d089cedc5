"""What REDIS_URL may say, and how slots become a layout."""

import re

import pytest
from pydantic import SecretStr, ValidationError
from redis.asyncio.connection import SSLConnection, UnixDomainSocketConnection
from redis.asyncio.sentinel import SentinelManagedConnection

from chatserver.bus.addresses import ClusterServers, SingleServer, redis_at
from chatserver.bus.cluster import Layout, layout_of
from chatserver.settings import Settings


def test_one_server() -> None:
    at = redis_at("unix:///run/valkey.sock?db=2")
    assert isinstance(at, SingleServer)
    connection = at.connect()
    assert isinstance(connection, UnixDomainSocketConnection)
    assert (connection.path, connection.db) == ("/run/valkey.sock", 2)


def test_a_cluster_with_a_user_and_tls() -> None:
    at = redis_at("rediss+cluster://chat:p%40ss@one:7000,[::1]:7001,two/")
    assert isinstance(at, ClusterServers)
    assert at.seeds == (("one", 7000), ("::1", 7001), ("two", 6379))
    connection = at.connect(("three", 7002))
    assert isinstance(connection, SSLConnection)
    assert (connection.host, connection.port) == ("three", 7002)
    assert (connection.username, connection.password) == ("chat", "p@ss")


def test_sentinels() -> None:
    at = redis_at("redis+sentinel://:secret@one,two:5/3?service=chat&sentinel_password=other")
    assert isinstance(at, SingleServer)
    connection = at.connect()
    assert isinstance(connection, SentinelManagedConnection)
    assert (connection.password, connection.db) == ("secret", 3)
    manager = connection.connection_pool.sentinel_manager
    found = [client.connection_pool.connection_kwargs for client in manager.sentinels]
    assert [(kw["host"], kw["port"], kw["password"]) for kw in found] == [
        ("one", 26379, "other"),
        ("two", 5, "other"),
    ]


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("localhost:6379", "it is to begin with redis://"),
        ("http://:hidden@localhost", "it is to begin with redis://"),
        ("redis://:hid/den@localhost", "cannot be read"),
        ("redis://:hidden@localhost?colour=red", "cannot be read"),
        ("redis+cluster://:hidden@/", "HOST:PORT"),
        ("redis+cluster://:hidden@one:x/", "HOST:PORT"),
        ("redis+cluster://:hidden@one,,two/", "HOST:PORT"),
        ("redis+cluster://:hidden@one/1", "a cluster has one database"),
        ("redis+sentinel://:hidden@one/0", "?service=NAME"),
        ("redis+sentinel://:hidden@one/chat?service=x", "its options are"),
        ("redis+sentinel://:hidden@one/0?service=x&master=y", "its options are"),
    ],
)
def test_an_address_that_cannot_be(url: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)) as refused:
        redis_at(url)
    assert "hid" not in str(refused.value)
    with pytest.raises(ValidationError) as invalid:
        Settings(redis_url=SecretStr(url))
    assert says in invalid.value.errors()[0]["msg"]


def test_a_layout_of_slots() -> None:
    slots = [
        [8192, 16383, [b"two", 2, b"id", []], [b"replica", 3, b"id", []]],
        [0, 8000, [b"", 1, b"id"]],
    ]
    layout = layout_of(slots, ("asked", 9))
    assert layout.masters == {("asked", 1), ("two", 2)}
    assert layout.owner("foo") == ("two", 2)  # slot 12182
    assert layout.owner("hello") == ("asked", 1)  # slot 866
    assert layout_of(slots[:1], ("asked", 9)).owner("hello") is None
    assert Layout(()).owner("foo") is None
