"""Whatever is sent as an event: an answer with a code, a connection that lives, nothing changed."""

import json
from collections.abc import Iterable

import pytest

from chatserver.protocol.table import REQUESTS
from tests.support.hostile import example, fits, for_all, hostile, malformed, well_formed
from tests.support.raw import Raw, lives, raw
from tests.support.world import Data, TestPerson, World, until

NOTHING_TO_CHANGE = frozenset({"room:list", "person:me", "block:list"})
"""These may be asked by anybody, and answering them changes nothing."""
OWN_AFFAIR = frozenset({"settings:set", "block:remove"})
"""These are done for anybody who asks in good form, whoever is named in them."""
WELL_FORMED_REFUSED = {
    "not_found",
    "not_allowed",
    "no_such_person",
    "text_empty",
    "room_name_empty",
}

JUNK = (
    "", "2", "29", "2[", "2[]", "2{}", "2null", '2"room:list"', "2[null]", "2[1,{}]", "2[[],{}]",
    '2[{"a":1},{}]', '2["room:list",{},{}]', '2["room:list"' + ",{}" * 9000 + "]",
    "21[" + "[" * 60_000, '29999999999999999["room:list",{}]', f'2{"9" * 100}["room:list",{{}}]',
    '2-1["room:list",{}]', '2/admin,["room:list",{}]', f'2/{"a" * 5000},1["room:list",{{}}]',
    "3", "31[]", "3999[{}]", "31[{}]", '3"x"', "4", '4{"message":"x"}', "5", "51-", '51-["x",{}]',
    '5999999999-["room:list",{"_placeholder":true,"num":0}]', "5-1-[]", "6", '61-1[{}]', "7", "8",
    "9", "99", "0/admin,", "0/nowhere,{}", f'0/{"b" * 9000}', "1/admin,", "\\", "\x00", "\ufeff2",
    "\u0662[]", "\u00b2", "\uff12[]",
)  # fmt: skip
"""Socket.IO packets that are none, or are none that a client has to send."""


async def refused_quietly(client: Raw, name: str, payload: str, codes: Iterable[str] = ()) -> Data:
    """The answer is a refusal that says why, and is not our own failure."""
    answer = await client.ask(name, payload)
    assert answer["ok"] is False, (name, payload[:200], answer)
    error: Data = answer["error"]
    assert error["code"] != "internal_error", (name, payload[:200], error)
    assert error["message"]
    if codes:
        assert error["code"] in codes, (name, payload[:200], error)
    return error


async def test_no_event_is_answered_before_sign_in(world: World) -> None:
    sol = await world.person("sol")
    await world.room("Room", sol)
    node = await world.node()
    before = await world.snapshot()
    async with raw(node) as client:
        for name, row in REQUESTS.items():
            for payload in (json.dumps(example(row.body)), "{}", "null", "[]"):
                await refused_quietly(client, name, payload, {"unauthenticated"})
            for payload in ("", "[", '"\\ud800"', "[" * 50_000, "{}]"):
                await refused_quietly(client, name, payload, {"invalid_request"})
        await client.send(*JUNK)
        await refused_quietly(client, "no:such", "{}", {"unauthenticated"})
        client.told.clear()
        await client.sign_in(sol)
        await lives(client, sol)
    assert await world.snapshot() == before


@pytest.mark.parametrize(
    ("auth", "code"),
    [
        ("", "unauthenticated"),
        ("{}", "unauthenticated"),
        ('{"token":""}', "unauthenticated"),
        ('{"token":"wrong"}', "unauthenticated"),
        ('{"token":"\\u0000"}', "unauthenticated"),
        ('{"token":null}', "unauthenticated"),
        ('{"token":5}', "invalid_request"),
        ('{"token":"a","more":1}', "invalid_request"),
        ('{"token":"\\ud800"}', "invalid_request"),
        ('"token"', "invalid_request"),
        ("[1,2]", "invalid_request"),
        ("{", "invalid_request"),
        ("[" * 50_000, "invalid_request"),
        ("9" * 80_000, None),
        (json.dumps({"token": "x" * 80_000}), "unauthenticated"),
    ],
)
async def test_a_refused_connection_stays_outside(
    world: World, auth: str, code: str | None
) -> None:
    sol = await world.person("sol")
    node = await world.node()
    before = await world.snapshot()
    async with raw(node) as client:
        if code is None:
            await client.send("0" + auth)
        else:
            kind, body = await client.connect(auth)
            assert (kind, body["data"]["code"]) == ("4", code)
        for name, row in REQUESTS.items():
            payload = json.dumps(example(row.body))
            await refused_quietly(client, name, payload, {"unauthenticated"})
        assert len(node.connections) == 0
        await client.sign_in(sol)
        await lives(client, sol)
    assert await world.snapshot() == before


async def test_signing_in_again_or_elsewhere_changes_nothing(world: World) -> None:
    sol, robin = await world.person("sol"), await world.person("robin")
    node = await world.node()
    async with raw(node, sol) as client:
        await client.send("0" + json.dumps({"token": robin.token}))
        await lives(client, sol)
        kind, _ = await client.connect(json.dumps({"token": robin.token}), "/admin,")
        assert kind == "4"
        await lives(client, sol)
        await client.send("1")
        await refused_quietly(client, "person:me", "{}", {"unauthenticated"})
        await client.sign_in(robin)
        await lives(client, robin)


async def test_packets_that_are_none_are_passed_over(world: World) -> None:
    sol = await world.person("sol")
    node = await world.node()
    before = await world.snapshot()
    async with raw(node, sol) as client:
        for packet in JUNK:
            await client.send(packet)
            await lives(client, sol)
        for data in (b"", b"\x00" * 1000, b'2["room:list",{}]', b"\xff" * 50_000):
            await client.send(data)
            await lives(client, sol)
        assert await refused_quietly(client, "", "{}", {"unknown_event"})
        for name in ("connect", "disconnect", "__class__", "message", "room:List", "room:list\0"):
            await refused_quietly(client, name, "{}", {"unknown_event"})
        assert not [told for told in client.told if not told.startswith("44")]
    assert await world.snapshot() == before


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"", 1002),
        (b"x", 1002),
        (b"bAAA", 1002),
        (b"b%%%%%", 1002),
        (b"0{}", 1002),
        (b"1", 1000),
        (b"3" + b"[" * 50_000, 1002),
        (b"9", 1002),
        ("\u00b2".encode(), 1002),
        (b'42["person:me",{"\xff":1}]', 1007),
        (b"42[" + b"1" * 1_000_000 + b"]", 1009),
    ],
)
async def test_frames_that_are_no_packets_end_the_connection_and_leave_nothing_behind(
    world: World, frame: bytes, code: int
) -> None:
    sol = await world.person("sol")
    node = await world.node()
    before = await world.snapshot()
    async with raw(node, sol) as bystander, raw(node, sol) as client:
        await client.frame(frame)
        assert await client.closed() == code
        await until(lambda: len(node.connections) == 1)
        await lives(bystander, sol)
    assert await world.snapshot() == before


async def test_binary_events_are_refused_with_and_without_their_attachments(world: World) -> None:
    sol = await world.person("sol")
    node = await world.node()
    before = await world.snapshot()
    async with raw(node, sol) as client:
        for name in REQUESTS:
            for count in ("1-", "0-", "3-", "9999999999-", ""):
                answer = await client.ask(name, '{"_placeholder":true,"num":0}', kind=f"5{count}")
                assert answer["error"]["code"] == "binary_refused"
            await client.send(b"attached")
        await lives(client, sol)
    assert await world.snapshot() == before


async def _everything_hostile(world: World, client: Raw, sol: TestPerson, name: str) -> None:
    room = await world.room(name, facilitator=sol)
    body = REQUESTS[name].body
    before = await world.snapshot()
    for payload in hostile(body, room=str(room)):
        if not fits(body, payload):
            await refused_quietly(client, name, payload, {"invalid_request"})
    await lives(client, sol)
    assert await world.snapshot() == before, name


async def test_hostile_values_in_every_field_of_every_event(world: World) -> None:
    sol = await world.person("sol")
    async with raw(await world.node(), sol) as client:
        for name in REQUESTS:
            await _everything_hostile(world, client, sol, name)


async def test_hostile_text_that_is_text_all_the_same(world: World) -> None:
    """What a text field may hold is stored as it is or refused as such; never our failure."""
    sol, robin = await world.person("sol"), await world.person("robin")
    room = await world.room("Room", robin, facilitator=sol)
    async with raw(await world.node(), sol) as client:
        for name, row in REQUESTS.items():
            for payload in hostile(row.body, room=str(room), seq=1, person=str(robin.id)):
                if name != "room:leave" and fits(row.body, payload):
                    answer = await client.ask(name, payload)
                    code = answer.get("error", {}).get("code")
                    assert code != "internal_error", (name, payload[:200])
        await lives(client, sol)
    assert await world.rows("SELECT count(*) FROM messages")


async def test_arbitrary_payloads_are_refused_by_every_event(world: World) -> None:
    sol = await world.person("sol")
    await world.room("Room", sol)
    async with raw(await world.node(), sol) as client:
        before = await world.snapshot()
        for name, row in REQUESTS.items():

            async def check(payload: str, name: str = name) -> None:
                await refused_quietly(client, name, payload, {"invalid_request"})

            await for_all(malformed(row.body), check, 25)
            assert await world.snapshot() == before, name
        await lives(client, sol)


async def test_well_formed_requests_about_nothing_are_refused(world: World) -> None:
    sol = await world.person("sol")
    await world.room("Room", sol)
    async with raw(await world.node(), sol) as client:
        before = await world.snapshot()
        for name, row in REQUESTS.items():
            if name in OWN_AFFAIR:
                continue

            async def check(payload: str, name: str = name) -> None:
                if name in NOTHING_TO_CHANGE:
                    assert (await client.ask(name, payload))["ok"]
                else:
                    await refused_quietly(client, name, payload, WELL_FORMED_REFUSED)

            await for_all(well_formed(row.body).map(json.dumps), check, 12)
            assert await world.snapshot() == before, name
        await lives(client, sol)
