"""What keeps itself right: expiry, key rotation, and the sweep that finds what hints lost."""

from datetime import timedelta

from redis import asyncio as aioredis

from chatserver.workers import purge
from people.accounts import service as accounts
from people.permissions import Role
from rooms.vault.model import Keyring
from rooms.vault.rules import new_community_key
from rooms.vault.service import Vault, rewrap_all
from tests.support.world import World, until


async def test_messages_past_their_age_are_not_served_and_then_purged(world: World) -> None:
    robin = await world.person("robin")
    room = await world.room("Night", robin, expires_after_days=7)
    node = await world.node()
    client = await world.client(node, robin)
    await client.say(room, "i want to die")
    world.clock.move(days=6)
    await client.say(room, "newer")
    world.clock.move(days=2)
    since = await client.do("message:since", room=room, after=0)
    assert [m["seq"] for m in since["messages"]] == [2]
    assert since["last_seq"] == 2
    assert await client.refused("message:react", room=room, seq=1, reaction="hug", on=True)
    assert await purge(node.database, world.clock()) == 1
    assert [r["seq"] for r in await world.rows("SELECT seq FROM messages")] == [2]
    flags = await world.rows("SELECT severity FROM flags")
    assert [f["severity"] for f in flags] == [4]
    sent = await client.say(room, "goes on")
    assert sent["seq"] == 3


async def test_a_rotated_community_key_leaves_every_message_readable(world: World) -> None:
    robin = await world.person("robin")
    room = await world.room("Room", robin)
    client = await world.client(await world.node(), robin)
    await client.say(room, "before")
    rings = [Keyring((new_community_key(), *world.vault.keyring.keys))]
    async with (await world.database()).transaction() as conn:
        assert await rewrap_all(conn, rings[0]) == 1
    async with (await world.database()).transaction() as conn:
        assert await rewrap_all(conn, rings[0]) == 0
    await client.say(room, "after")
    row = (await world.rows("SELECT key_id FROM rooms"))[0]
    assert row["key_id"] == rings[0].current.id
    Vault(lambda: Keyring(rings[0].keys[:1]))
    page = await client.do("message:since", room=room, after=0)
    assert [m["text"] for m in page["messages"]] == ["before", "after"]


async def test_the_sweep_finds_a_message_that_no_hint_brought(world: World) -> None:
    robin, sol = await world.person("robin"), await world.person("sol")
    room = await world.room("Room", robin, sol)
    here, there = await world.node(), await world.node()
    speaker, listener = await world.client(here, robin), await world.client(there, sol)
    await listener.do("room:join", room=room)
    await there.bus.unsubscribe(room)
    await speaker.say(room, "unheard")
    await speaker.do("message:react", room=room, seq=1, reaction="hug", on=True)
    await listener.until(lambda c: c.texts() == ["unheard"])
    await there.freshness.sweep()
    await until(lambda: there.fanout.rooms()[0].revision == 1)


async def test_the_sweep_finds_who_may_no_longer_read(world: World) -> None:
    robin, sol = await world.person("robin"), await world.person("sol")
    room = await world.room("Room", robin, sol)
    node = await world.node()
    client = await world.client(node, sol)
    await client.do("room:join", room=room)
    async with (await world.database()).transaction() as conn:
        await conn.execute("DELETE FROM memberships WHERE person_id = $1", sol.id)
        await conn.execute("UPDATE rooms SET members_version = members_version + 1")
    await client.until(lambda c: c.heard("room:removed"))
    speaker = await world.client(node, robin)
    await speaker.say(room, "not for sol")
    assert client.texts() == []


async def test_the_sweep_finds_a_suspension(world: World) -> None:
    kit = await world.person("kit", Role.MODERATOR)
    client = await world.client(await world.node(), kit)
    async with (await world.database()).transaction() as conn:
        await accounts.set_suspended(conn, kit.id, True, world.clock())
    await client.until(lambda c: c.heard("session:ended") == [{"reason": "suspended"}])
    await until(lambda: not client.sio.connected)


async def test_redis_never_holds_what_somebody_said(world: World) -> None:
    robin = await world.person("robin")
    room = await world.room("Room", robin)
    client = await world.client(await world.node(), robin)
    redis = aioredis.from_url(world.addresses.redis_url)
    async with redis.pubsub() as listening:
        await listening.psubscribe("*")
        await listening.get_message(timeout=2)
        await client.do("room:join", room=room)
        await client.say(room, "a word nobody else may read")
        heard = await listening.get_message(timeout=5)
    assert heard is not None
    assert b"a word nobody" not in heard["data"]
    assert await redis.keys("*") == []
    await redis.aclose()


async def test_a_session_ends_when_it_was_not_used_for_a_month(world: World) -> None:
    robin = await world.person("robin")
    node = await world.node()
    world.clock.time += timedelta(days=31)
    async with (await world.http(robin.token)).get(f"{node.settings.url}/api/session") as answer:
        assert answer.status == 401
    await purge(node.database, world.clock())
    assert await world.rows("SELECT 1 FROM sessions") == []
