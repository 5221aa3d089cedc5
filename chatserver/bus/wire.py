"""One connection to Redis, and the words that are said on it.

Connections are redis-py's, with its TLS, sign-in and Sentinel. Its client and its PubSub are left
out: they arm a timer and start a task for each answer, which cost more than the hints themselves.
"""

import asyncio
import math
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from hiredis import pack_command
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError as Lost
from redis.exceptions import RedisError

CONNECT_SECONDS = 4.0
ANSWER_SECONDS = 2.0
PING_SECONDS = 5.0
BACKOFF_SECONDS = (0.1, 0.2, 0.5, 1.0)

FAILURES = (RedisError, OSError, TimeoutError)
"""What says that Redis is not there, or not now."""

Command = tuple[bytes | str, ...]
Connect = Callable[[], AbstractConnection]


@dataclass(frozen=True, slots=True)
class Words:
    """How pub/sub is spoken: on one server, or in the shards of a cluster."""

    publish: bytes
    subscribe: bytes
    unsubscribe: bytes
    message: bytes


PLAIN = Words(b"PUBLISH", b"SUBSCRIBE", b"UNSUBSCRIBE", b"message")
SHARDED = Words(b"SPUBLISH", b"SSUBSCRIBE", b"SUNSUBSCRIBE", b"smessage")


async def opened(connect: Connect) -> AbstractConnection:
    """A connection that stands. Raises one of FAILURES."""
    connection = connect()
    async with asyncio.timeout(CONNECT_SECONDS):
        await connection.connect()  # type: ignore[no-untyped-call]
    return connection


async def send(connection: AbstractConnection, commands: Iterable[Command]) -> None:
    """Send commands at once, without waiting for their answers. Raises one of FAILURES."""
    if not connection.is_connected:  # redis-py would connect anew, and listen to nothing
        raise Lost("not connected")
    # Its type hint says a tuple of one.
    packed = b"".join(pack_command(command) for command in commands)  # type: ignore[arg-type]
    await connection.send_packed_command(packed, check_health=False)


async def answer(connection: AbstractConnection) -> Any:
    """The next answer, however long it takes: time is the caller's. Raises one of FAILURES."""
    return await connection.read_response(timeout=math.inf)


async def ask(connection: AbstractConnection, *command: bytes | str) -> Any:
    """One command and its answer. Raises one of FAILURES."""
    async with asyncio.timeout(ANSWER_SECONDS):
        await send(connection, [command])
        return await answer(connection)


async def dropped(connection: AbstractConnection | None) -> None:
    """Let go of a connection, without a word."""
    if connection is not None:
        with suppress(*FAILURES):
            await connection.disconnect(nowait=True)
