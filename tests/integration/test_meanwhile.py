"""What changes while somebody is coming to a room, or while a room is read anew.

A node that has one connection to the database left serves those who wait for it in their order.
So a test says exactly what happens between two reads.
"""

import asyncio

import pytest

from chatserver.bus import Added, Altered
from chatserver.node import Node
from chatserver.protocol.requests import RoomJoin
from chatserver.socket.handler import Context
from chatserver.socket.handlers.rooms import join
from people.accounts import service as accounts
from people.blocks import service as blocks
from people.refusal import NotFound
from people.sessions.errors import NotSignedIn
from rooms.chat import store as chat
from rooms.chat.model import Draft
from rooms.chat.rules import viewer
from rooms.chat.service import compose, remove
from rooms.directory import store as directory
from rooms.ids import RoomId
from tests.support.world import Client, TestPerson, World, until

TURNS = 10
"""Turns of the loop in which a task gets as far as the line for the database."""


async def _in_line() -> None:
    for _ in range(TURNS):
        await asyncio.sleep(0)


async def _waits_for_a_lock(world: World) -> None:
    # Of a lock that somebody waits for, PostgreSQL tells nobody.
    while not await world.rows("SELECT 1 FROM pg_locks WHERE NOT granted"):  # noqa: ASYNC110
        await asyncio.sleep(0.005)


async def _join(node: Node, person: TestPerson, room: RoomId) -> None:
    """Come in as the person's connection does, as far as what it knows of itself now."""
    connection = node.connections.of(person.id)[0]
    await join(Context(node, connection, connection.principal, node.clock()), RoomJoin(room=room))
    connection.acknowledged()


async def test_who_is_removed_while_coming_in_is_not_let_in(world: World) -> None:
    robin, sol = await world.person("robin"), await world.person("sol")
    room = await world.room("Room", robin, sol, access="hidden")
    node = await world.node(database_pool=2, run_worker=False)
    await (await world.client(node, sol)).say(room, "not for robin")
    await world.client(node, robin)

    async def remove() -> None:
        async with node.database.connection() as conn:
            await directory.delete_membership(conn, room, robin.id)

    async with node.database.connection():
        async with node.database.connection():
            joining = asyncio.create_task(_join(node, robin, room))
            await _in_line()
            removing = asyncio.create_task(remove())
            await _in_line()
        await removing
        with pytest.raises(NotFound):
            await joining
    assert node.fanout.get(room) is None


async def test_a_block_that_takes_effect_while_somebody_comes_in_counts(world: World) -> None:
    robin, sol = await world.person("robin"), await world.person("sol")
    room = await world.room("Room", robin, sol)
    node = await world.node(database_pool=2, run_worker=False)
    client, speaker = await world.client(node, robin), await world.client(node, sol)
    async with node.database.connection():
        async with node.database.connection():
            async with (await world.database()).transaction() as conn:
                who = node.connections.of(sol.id)[0].principal
                await blocks.block(conn, who, robin.id, world.clock())
            node.freshness.person(robin.id)
            await _in_line()
            joining = asyncio.create_task(_join(node, robin, room))
            await _in_line()
        await joining
    await speaker.say(room, "not for robin")
    heard = await client.until(lambda c: c.heard("message:new"))
    assert [m.get("text") for m in heard] == [None]


async def test_who_comes_while_a_room_is_read_anew_stays(world: World) -> None:
    robin, sol = await world.person("robin"), await world.person("sol")
    room = await world.room("Room", robin, sol)
    node = await world.node(run_worker=False)
    one, other = await world.client(node, robin), await world.client(node, sol)
    await one.do("room:join", room=room)
    connection = node.connections.of(sol.id)[0]
    where = await node.freshness.standing_now(connection.principal, room)
    async with (await world.database()).transaction() as conn:
        await conn.execute("LOCK TABLE memberships IN ACCESS EXCLUSIVE MODE")
        node.freshness.room(room)
        await asyncio.wait_for(_waits_for_a_lock(world), 5)
        (await node.fanout.follow(connection, room, viewer(where))).begin(0, 0)
    await one.say(room, "still there?")
    await other.until(Client.texts)
    assert not other.heard("room:removed")


async def test_a_removal_is_not_lost_to_a_recovery_under_way(world: World) -> None:
    robin, sol = await world.person("robin"), await world.person("sol")
    room = await world.room("Room", robin, facilitator=sol)
    node = await world.node(run_worker=False)
    client = await world.client(node, robin)
    speaker = await world.client(node, sol)
    await speaker.say(room, "first")
    await client.do("room:join", room=room)
    live = node.fanout.get(room)
    assert live is not None
    async with (await world.database()).transaction() as conn:
        await conn.execute("LOCK TABLE reactions IN ACCESS EXCLUSIVE MODE")
        node.fanout.recover(live)
        await asyncio.wait_for(_waits_for_a_lock(world), 5)
        where = await directory.standing(conn, node.connections.of(sol.id)[0].principal, room)
        assert where is not None
        draft = Draft(None, "taken out of sight")
        composed = compose(where, draft, node.tools, (), world.clock())
        said = composed.message
        seqs = await chat.insert(conn, [(said, composed.key)])
        said = said.at_place(seqs[said.id])
        removed, _ = await remove(conn, where, said.seq, world.clock())
        await remove(conn, where, 1, world.clock())
    await until(lambda: not live.recovering)
    node.publisher.receive(Added(said))  # its hint was slower
    node.publisher.receive(Altered(removed, sol.id))
    await client.until(lambda c: {m["seq"] for m in c.heard("message:changed")} == {1, 2})
    assert {m["state"] for m in client.heard("message:changed")} == {"removed"}


async def test_a_suspension_written_while_somebody_signs_in_ends_that_connection(
    world: World,
) -> None:
    robin = await world.person("robin")
    node = await world.node(run_worker=False)
    old = await world.client(node, robin)
    before = node.connections.of(robin.id)[0].principal
    async with (await world.database()).transaction() as conn:
        await accounts.set_suspended(conn, robin.id, True, world.clock())
    await until(lambda: not old.sio.connected)
    async with (await world.database()).transaction() as conn:
        await conn.execute("UPDATE people SET suspended_at = NULL WHERE id = $1", robin.id)
    client = await world.client(node, robin)
    node.connections.of(robin.id)[0].principal = before
    async with (await world.database()).transaction() as conn:
        await conn.execute("UPDATE people SET suspended_at = now() WHERE id = $1", robin.id)
    await client.until(lambda c: c.heard("session:ended"))


async def test_a_connection_that_ends_while_coming_in_leaves_nothing_behind(world: World) -> None:
    robin = await world.person("robin")
    room = await world.room("Room", robin)
    node = await world.node(database_pool=2, run_worker=False)
    client = await world.client(node, robin)
    async with node.database.connection():
        async with node.database.connection():
            joining = asyncio.create_task(_join(node, robin, room))
            await _in_line()
            await client.sio.disconnect()
            await until(lambda: not len(node.connections))
        with pytest.raises(NotSignedIn):
            await joining
    assert node.fanout.get(room) is None
