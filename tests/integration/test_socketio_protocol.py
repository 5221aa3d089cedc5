"""Socket.IO v5, case by case as the protocol's own test suite has it.

https://github.com/socketio/socket.io/tree/main/docs/socket.io-protocol. The cases that are those of
Engine.IO stand in test_engineio_protocol.py and its neighbours.
"""

import json
from collections.abc import AsyncIterator

import pytest

from chatserver.node import Node
from tests.support.raw import Raw, lives, raw
from tests.support.world import TestPerson, World, until


@pytest.fixture
async def sol(world: World) -> TestPerson:
    """Somebody to sign in as."""
    return await world.person("sol")


@pytest.fixture
async def node(world: World) -> Node:
    """A server."""
    return await world.node()


@pytest.fixture
async def client(node: Node, sol: TestPerson) -> AsyncIterator[Raw]:
    """A connection that is signed in."""
    async with raw(node, sol) as client:
        yield client


# Connect


async def test_the_main_namespace_asks_who_it_is(node: Node) -> None:
    """Nobody is let in without a token, so a CONNECT without one is a CONNECT_ERROR with a code."""
    async with raw(node) as client:
        kind, body = await client.connect()
        assert kind == "4"
        assert set(body) == {"message", "data"}
        assert body["data"]["code"] == "unauthenticated"
        assert body["data"]["message"] == body["message"]


async def test_the_main_namespace_with_a_payload(node: Node, sol: TestPerson) -> None:
    async with raw(node) as client:
        kind, body = await client.connect(json.dumps({"token": sol.token}))
        assert kind == "0"
        assert list(body) == ["sid"]
        assert isinstance(body["sid"], str)
        assert body["sid"]


@pytest.mark.parametrize("auth", ["", "{}", '{"token":"123"}'])
async def test_there_is_no_other_namespace(node: Node, auth: str) -> None:
    """One namespace is served; an unknown one is refused as the protocol says."""
    async with raw(node) as client:
        for place in ("/custom,", "/custom") if not auth else ("/custom,",):
            await client.send(f"0{place}{auth}")
            assert await client.next() == '44/custom,"Unable to connect"'


async def test_an_unknown_namespace_does_not_end_the_main_one(client: Raw, sol: TestPerson) -> None:
    await client.send("0/random,")
    assert (await client.next()).startswith("44/random,")
    await client.send("1/random,")
    await lives(client, sol)


@pytest.mark.parametrize("packet", ["abc", "", "7", "9[]", "-1"])
async def test_an_unreadable_handshake_admits_nobody(
    node: Node, sol: TestPerson, packet: str
) -> None:
    """What is no Socket.IO packet is passed over, so that one bad request costs no others; who does
    not sign in for long is let go (test_engineio_heartbeat.py)."""
    async with raw(node) as client:
        await client.send(packet)
        assert (await client.ask("person:me"))["error"]["code"] == "unauthenticated"
        assert len(node.connections) == 0
        await client.sign_in(sol)


# Disconnect


async def test_leaving_the_main_namespace_keeps_the_connection(
    node: Node, client: Raw, sol: TestPerson
) -> None:
    await client.send("1")
    await until(lambda: len(node.connections) == 0)
    assert (await client.ask("person:me"))["error"]["code"] == "unauthenticated"
    await client.sign_in(sol)
    await lives(client, sol)


async def test_leaving_twice_or_elsewhere_changes_nothing(
    node: Node, client: Raw, sol: TestPerson
) -> None:
    await client.send("1/custom,", "1/custom", "1/" + "a" * 5000)
    await lives(client, sol)
    await client.send("1", "1")
    await until(lambda: len(node.connections) == 0)
    assert (await client.ask("person:me"))["error"]["code"] == "unauthenticated"


# Messages


async def test_an_event_with_an_acknowledgement(client: Raw) -> None:
    await client.send('2456["room:list",{}]')
    assert await client.ack(456) == {"ok": True, "data": {"rooms": []}}


@pytest.mark.parametrize("number", ["0", "00", "007", "999999999999999"])
async def test_an_acknowledgement_has_the_number_that_was_sent(client: Raw, number: str) -> None:
    await client.send(f'2{number}["room:list",{{}}]')
    assert (await client.ack(int(number)))["ok"]


async def test_an_event_without_an_acknowledgement_is_done_all_the_same(
    world: World, node: Node, sol: TestPerson
) -> None:
    room = await world.room("Room", sol)
    async with raw(node, sol) as client:
        wish = {"room": str(room)}
        assert (await client.ask("room:join", json.dumps(wish)))["ok"]
        key = "00000000-0000-4000-8000-000000000001"
        await client.send(f'2["message:send",{json.dumps(wish | {"key": key, "text": "hello"})}]')
        told = await client.next()
        while not told.startswith('42["message:new"'):
            told = await client.next()
        assert json.loads(told[2:])[1]["text"] == "hello"


async def test_events_with_attachments_are_refused(client: Raw, sol: TestPerson) -> None:
    """Only text is served (docs/adr/0003): refused with a code at once, attachments passed over."""
    packet = '["message:send",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]'
    await client.send(f"52-789{packet}", b"\x01\x02\x03", b"\x04\x05\x06")
    assert (await client.ack(789))["error"]["code"] == "binary_refused"
    await client.send(f"52-{packet}", b"\x01", b"\x02")
    await lives(client, sol)
    assert not client.told


@pytest.mark.parametrize("packet", ["31[]", "3999[1]", "61-1[{}]", '30["x"]'])
async def test_acknowledgements_of_nothing_are_passed_over(
    client: Raw, sol: TestPerson, packet: str
) -> None:
    """The server asks for none."""
    await client.send(packet, b"\x01")
    await lives(client, sol)


@pytest.mark.parametrize(
    "packet",
    ["abc", "2{}", "2[]", '2abc["room:list",{}]', '2 1["room:list",{}]', '4{"message":"x"}'],
)
async def test_invalid_packets_are_passed_over(client: Raw, sol: TestPerson, packet: str) -> None:
    """The protocol's suite wants the connection closed. Then everything that was asked before, and
    is not yet answered, would be lost: what cannot be answered is passed over instead."""
    await client.send(packet)
    await lives(client, sol)


@pytest.mark.parametrize("body", ["{}", "[]", "null", "[1,{}]", "[", '["room:list",{}'])
async def test_an_invalid_event_with_a_number_is_refused(
    client: Raw, sol: TestPerson, body: str
) -> None:
    await client.send(f"27{body}")
    assert (await client.ack(7))["error"]["code"] == "invalid_request"
    await lives(client, sol)


async def test_the_reply_of_another_namespace_is_a_refusal(client: Raw, sol: TestPerson) -> None:
    await client.send('2/custom,8["room:list",{}]')
    assert (await client.ack(8))["error"]["code"] == "invalid_request"
    await lives(client, sol)
