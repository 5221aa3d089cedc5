"""What is taken from somebody is taken from their open connections, hint or no hint."""

import asyncio
import json

import pytest
import socketio

from chatserver.node import Node
from chatserver.workers import purge
from people.accounts import service as accounts
from people.permissions import Role
from rooms.ids import RoomId
from tests.support.hostile import lose_hints
from tests.support.raw import raw
from tests.support.world import Client, TestPerson, World

SOON = 3.0
"""Seconds within which a change is felt without a hint: two sweeps and a busy machine."""


def _now() -> float:
    return asyncio.get_running_loop().time()


async def _text_of_held(speaker: Client, reader: Client, room: RoomId) -> str | None:
    """What a reader is told of a message that waits for a moderator."""
    sent = await speaker.say(room, "call +1 555 0100 2003")
    assert sent["held"]
    found = await reader.until(
        lambda c: [m for m in c.heard("message:new") if m["seq"] == sent["seq"]]
    )
    text: str | None = found[0].get("text")
    return text


async def test_a_role_taken_back_or_given_is_felt_by_open_connections(world: World) -> None:
    kit, mo = await world.person("kit"), await world.person("mo", Role.MODERATOR)
    room = await world.room("Room", kit, mo)
    node = await world.node()
    speaker, client = await world.client(node, kit), await world.client(node, mo)
    await client.do("room:join", room=room)
    assert await _text_of_held(speaker, client, room)
    await client.do("message:release", room=room, seq=1)
    for on in (False, True):
        client.told.clear()
        await lose_hints(world.addresses)
        async with (await world.database()).transaction() as conn:
            await accounts.set_role(conn, mo.id, Role.MODERATOR, on, world.clock())
        changed = _now()
        await client.until(lambda c: c.heard("person:changed"))
        assert _now() - changed < SOON
        await _check_moderates(world, client, room, on)
        while bool(await _text_of_held(speaker, client, room)) is not on:
            assert _now() - changed < 2 * SOON


async def _check_moderates(world: World, client: Client, room: RoomId, on: bool) -> None:
    before = await world.snapshot()
    for name, fields in (
        ("message:remove", {"room": room, "seq": 1}),
        ("room:create", {"name": "New"}),
    ):
        answer = await client.ask(name, **fields)
        assert answer["ok"] is on
        assert on or answer["error"]["code"] == "not_allowed"
    assert (await world.snapshot() != before) is on


async def _refused_at_the_door(world: World, node: Node, person: TestPerson, code: str) -> None:
    with pytest.raises(socketio.exceptions.ConnectionError):
        await world.client(node, person)
    async with raw(node) as client:
        kind, body = await client.connect(json.dumps({"token": person.token}))
        assert (kind, body["data"]["code"]) == ("4", code)


async def _ended(clients: list[Client], reason: str) -> None:
    for client in clients:
        await client.until(lambda c: c.heard("session:ended") == [{"reason": reason}])
        await client.until(lambda c: not c.sio.connected)


async def test_a_suspension_ends_every_connection_and_admits_none(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatserver.socket.session.LINGER_SECONDS", 0.2)
    sol = await world.person("sol")
    nodes = [await world.node(), await world.node()]
    clients = [await world.client(node, sol) for node in nodes]
    async with raw(nodes[0], sol) as stubborn:
        await lose_hints(world.addresses)
        async with (await world.database()).transaction() as conn:
            await accounts.set_suspended(conn, sol.id, True, world.clock())
        started = _now()
        await _ended(clients, "suspended")
        assert _now() - started < SOON
        await stubborn.event("person:me", "{}")
        await stubborn.closed()
        assert not stubborn.acks
        assert stubborn.told[-3:] == ['42["session:ended",{"reason":"suspended"}]', "41", "1"]
    for node in nodes:
        assert len(node.connections) == 0
        await _refused_at_the_door(world, node, sol, "suspended")
    async with (await world.database()).transaction() as conn:
        await accounts.set_suspended(conn, sol.id, False, world.clock())
    await (await world.client(nodes[0], sol)).do("person:me")


async def test_signing_out_ends_that_session_everywhere_and_no_other(world: World) -> None:
    words = {"handle": "sol", "password": "some plain words together"}
    sol = await world.person("sol", password=words["password"])
    nodes = [await world.node(), await world.node()]
    url = f"{nodes[0].settings.url}/api/session"
    async with (await world.http()).post(url, json=words) as answer:
        other = TestPerson(sol.id, sol.handle, (await answer.json())["data"]["token"])
    ended = [await world.client(node, sol) for node in nodes]
    kept = [await world.client(node, other) for node in nodes]
    async with (await world.http(sol.token)).delete(url) as answer:
        assert answer.status == 200
    await _ended(ended, "signed_out")
    for client, node in zip(kept, nodes, strict=True):
        await client.do("person:me")
        await _refused_at_the_door(world, node, sol, "unauthenticated")


async def test_a_connection_ends_when_its_session_has_run_out(world: World) -> None:
    sol, robin = await world.person("sol"), await world.person("robin")
    node = await world.node()
    client = await world.client(node, sol)
    world.clock.move(days=20)
    other = await world.client(node, robin)
    world.clock.move(days=11)
    await purge(node.database, world.clock())
    await _ended([client], "signed_out")
    await other.do("person:me")
    await _refused_at_the_door(world, node, sol, "unauthenticated")
