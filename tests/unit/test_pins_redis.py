"""What the bus stands on in redis-py and hiredis, beyond what their guides promise.

When a new version moves one, this fails before anything else does.
"""

import inspect

import hiredis
from redis.asyncio.connection import Connection, ConnectionPool
from redis.asyncio.sentinel import SentinelConnectionPool, SentinelManagedConnection


def parameters(function: object) -> list[str]:
    assert callable(function)
    return list(inspect.signature(function).parameters)


def test_a_connection_sends_bytes_and_reads_without_a_time_limit() -> None:
    assert parameters(Connection.send_packed_command) == ["self", "command", "check_health"]
    for kind in (Connection, SentinelManagedConnection):
        read = inspect.signature(kind.read_response).parameters
        assert read["timeout"].default is None
        assert parameters(kind.connect) == ["self"]
    assert "if timeout == math.inf:\n            read_timeout = None" in (
        inspect.getsource(Connection.read_response)
    )
    assert parameters(Connection.can_read) == ["self"]


def test_a_pool_makes_connections_that_it_does_not_keep() -> None:
    for pool in (ConnectionPool, SentinelConnectionPool):
        assert parameters(pool.make_connection) == ["self"]


def test_a_command_is_packed_as_the_protocol_says() -> None:
    command: tuple[bytes | str, ...] = (b"PUBLISH", "channel", b"\r\n")
    packed = hiredis.pack_command(command)  # type: ignore[arg-type] # its hint: a tuple of one
    assert packed == b"*3\r\n$7\r\nPUBLISH\r\n$7\r\nchannel\r\n$2\r\n\r\n\r\n"
