"""What the database itself keeps together, whoever writes to it."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from tests.support.world import World


async def test_a_room_takes_its_messages_with_it(world: World) -> None:
    robin = await world.person("robin")
    room, other = await world.room("Room", robin), await world.room("Other", robin)
    client = await world.client(await world.node(), robin)
    await client.say(room, "goes")
    await client.say(other, "stays")
    database = await world.database()
    async with database.transaction() as conn:
        await conn.execute("DELETE FROM rooms WHERE id = $1", room)
    assert [row["room_id"] for row in await world.rows("SELECT room_id FROM messages")] == [other]


async def test_an_author_stays_while_their_messages_do(world: World) -> None:
    robin = await world.person("robin")
    client = await world.client(await world.node(), robin)
    await client.say(await world.room("Room", robin), "hello")
    database = await world.database()
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        async with database.transaction() as conn:
            await conn.execute("DELETE FROM people WHERE id = $1", robin.id)


async def test_a_message_that_meets_the_end_of_its_author_is_refused(world: World) -> None:
    """It waits for the deletion, and then finds nobody."""
    robin, sol = await world.person("robin"), await world.person("sol")
    room = await world.room("Room", robin, sol)
    client = await world.client(await world.node(), robin)
    await client.do("room:join", room=room)
    database = await world.database()
    async with database.transaction() as conn:
        await conn.execute("DELETE FROM people WHERE id = $1", robin.id)
        sending = asyncio.create_task(client.ask("message:send", room=room, text="too late"))
        waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'messages'::regclass"
        while not await conn.fetchval(waiting):  # noqa: ASYNC110 - PostgreSQL tells nobody
            await asyncio.sleep(0.01)
    assert not (await sending)["ok"]
    assert not await world.rows("SELECT 1 FROM messages")
