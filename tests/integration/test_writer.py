"""Messages that go into one commit do not get into each other's way."""

import asyncio
import uuid

from prometheus_client import CollectorRegistry

from tests.support.world import World


async def test_one_message_tried_over_many_connections_is_stored_once(world: World) -> None:
    robin, sol = await world.person("robin"), await world.person("sol")
    room = await world.room("Room", robin, sol)
    nodes = [await world.node(), await world.node()]
    devices = [await world.client(nodes[n % 2], robin) for n in range(8)]
    listener = await world.client(nodes[0], sol)
    await listener.do("room:join", room=room)
    for n in range(10):
        key = uuid.uuid4()
        answers = await asyncio.gather(
            *(d.do("message:send", room=room, key=key, text=f"once {n}") for d in devices)
        )
        assert all(answer == answers[0] for answer in answers)
    await listener.until(lambda c: len(c.texts()) == 10)
    assert [r["seq"] for r in await world.rows("SELECT seq FROM messages ORDER BY 1")] == [
        *range(1, 11)
    ]


async def test_one_that_is_refused_holds_nobody_up_and_leaves_no_hole(world: World) -> None:
    people = [await world.person(f"p{n}") for n in range(10)]
    room = await world.room("Room", *people)
    node = await world.node()
    clients = [await world.client(node, person) for person in people]
    await clients[0].do("room:join", room=room)

    async def talk(number: int) -> list[str]:
        codes = []
        for _ in range(10):
            reply = {"reply_to": 999_999} if number % 2 else {}
            answer = await clients[number].ask(
                "message:send", room=room, key=uuid.uuid4(), text="hello", **reply
            )
            codes.append("ok" if answer["ok"] else answer["error"]["code"])
        return codes

    codes = await asyncio.gather(*(talk(number) for number in range(10)))
    assert {code for number in range(0, 10, 2) for code in codes[number]} == {"ok"}
    assert {code for number in range(1, 10, 2) for code in codes[number]} == {"reply_unknown"}
    await clients[0].until(lambda c: len(c.texts()) == 50)
    assert [m["seq"] for m in clients[0].heard("message:new")] == list(range(1, 51))


async def test_a_stuck_room_stops_no_other_and_says_to_try_again(world: World) -> None:
    robin, sol = await world.person("robin"), await world.person("sol")
    stuck, free = await world.room("Stuck", robin), await world.room("Free", sol)
    node = await world.node()
    one, other = await world.client(node, robin), await world.client(node, sol)
    key = uuid.uuid4()
    database = await world.database()
    async with database.transaction() as conn:
        await conn.execute("SELECT 1 FROM rooms WHERE id = $1 FOR UPDATE", stuck)
        held = asyncio.create_task(one.ask("message:send", room=stuck, key=key, text="waits"))
        first = asyncio.create_task(other.say(free, "goes on"))
        answer = await held
        assert (await first)["seq"] == 1
    assert answer["error"]["code"] == "unavailable"
    assert answer["error"]["retry_after"] > 0
    again = await one.do("message:send", room=stuck, key=key, text="waits")
    assert again["seq"] == 1


async def test_flags_are_counted_by_kind_without_a_word_of_content(world: World) -> None:
    robin = await world.person("robin")
    room = await world.room("Room", robin)
    node = await world.node()
    client = await world.client(node, robin)
    await client.say(room, "i want to die")
    registry: CollectorRegistry = node.metrics.registry
    labels = {"category": "suicide", "severity": "4"}
    assert registry.get_sample_value("chat_flags_total", labels) == 1
    assert b"die" not in node.metrics.text()
