"""Older messages come from a replica that has them, and from the primary in every other case."""

from __future__ import annotations

import time
from pathlib import Path

from pydantic import SecretStr

from chatserver.history import REPLICA_SECONDS
from chatserver.node import Node
from rooms.ids import RoomId
from tests.faults.replica import StreamingReplica, streaming_replica
from tests.faults.server import frozen
from tests.support.world import Client, World, until


def from_replica(node: Node) -> float:
    """How many pages the replica has answered."""
    return node.metrics.registry.get_sample_value("chat_replica_reads_total") or 0.0


async def read(client: Client, room: RoomId) -> list[str]:
    """The texts of the latest page of a room."""
    page = await client.do("message:before", room=room, before=1000, limit=50)
    return [message["text"] for message in page["messages"]]


async def reads_from_the_replica(node: Node, client: Client, room: RoomId) -> list[str]:
    """The page, once the replica is there and has caught up."""
    before, deadline = from_replica(node), time.monotonic() + 10
    while True:
        found = await read(client, room)
        if from_replica(node) > before:
            return found
        assert time.monotonic() < deadline


def backends(replica: StreamingReplica) -> list[int]:
    """Its main process and all of its children."""
    assert replica.process is not None
    main = replica.process.pid
    children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
    return [main, *map(int, children)]


async def test_a_replica_that_pauses_hangs_and_dies(world: World) -> None:
    async with streaming_replica(world.addresses.database_url) as replica:
        robin = await world.person("robin")
        room = await world.room("Room", robin)
        node = await world.node(database_replica_urls=SecretStr(replica.url()))
        client = await world.client(node, robin)
        await client.do("room:join", room=room)
        said = [f"message {n}" for n in range(3)]
        for text in said:
            await client.say(room, text)
        assert await reads_from_the_replica(node, client, room) == said

        await replica.tell("SELECT pg_wal_replay_pause()")
        for text in ("while it pauses", "another"):
            said.append(text)
            await client.say(room, text)
            count = from_replica(node)
            assert await read(client, room) == said, "never less than was acknowledged"
            assert from_replica(node) == count
        await client.do("message:edit", room=room, seq=1, text="better")
        said[0] = "better"
        assert await read(client, room) == said
        since = await client.do("message:since", room=room, after=3, limit=10)
        assert [message["text"] for message in since["messages"]] == said[3:]
        await replica.tell("SELECT pg_wal_replay_resume()")
        assert await reads_from_the_replica(node, client, room) == said

        with frozen(*backends(replica)):
            began = time.monotonic()
            assert await read(client, room) == said
            assert time.monotonic() - began < REPLICA_SECONDS + 1
            began = time.monotonic()
            assert await read(client, room) == said, "nobody else waits for it"
            assert time.monotonic() - began < REPLICA_SECONDS / 2
        assert await reads_from_the_replica(node, client, room) == said

        await replica.kill()
        assert await read(client, room) == said
        await until(lambda: node.history.away == 1)
        await replica.start()
        assert await reads_from_the_replica(node, client, room) == said
