"""A live room over two nodes, with the official Python client."""

import asyncio
import uuid

from tests.support.world import World, until


async def test_a_message_reaches_everybody_on_both_nodes_once_and_in_order(world: World) -> None:
    people = [await world.person(f"p{n:02}") for n in range(20)]
    room = await world.room("Everybody", *people)
    nodes = [await world.node(), await world.node()]
    clients = [await world.client(nodes[n % 2], person) for n, person in enumerate(people)]
    for client in clients:
        await client.do("room:join", room=room)

    async def chatter(number: int) -> None:
        for i in range(100):
            await clients[number].say(room, f"{number}:{i}")

    await asyncio.gather(*(chatter(number) for number in range(20)))
    await until(lambda: all(len(c.heard("message:new")) == 2000 for c in clients), 30)
    for client in clients:
        assert [m["seq"] for m in client.heard("message:new")] == list(range(1, 2001))
    first = clients[0].texts()
    assert all(client.texts() == first for client in clients)
    for number in range(20):
        own = [text for text in first if text and text.startswith(f"{number}:")]
        assert own == [f"{number}:{i}" for i in range(100)]


async def test_somebody_who_was_away_catches_up_without_a_hole(world: World) -> None:
    robin, sol = await world.person("robin"), await world.person("sol")
    room = await world.room("Room", robin, sol)
    node, other = await world.node(), await world.node()
    speaker, away = await world.client(node, robin), await world.client(other, sol)
    await away.do("room:join", room=room)
    await speaker.say(room, "one")
    await away.until(lambda c: c.texts() == ["one"])
    await away.sio.disconnect()
    for n in range(300):
        await speaker.say(room, f"later {n}")
    back = await world.client(other, sol)
    joined = await back.do("room:join", room=room, after=1)
    seqs = [m["seq"] for m in joined["messages"]]
    while seqs[-1] < joined["last_seq"]:
        page = await back.do("message:since", room=room, after=seqs[-1], limit=50)
        seqs += [m["seq"] for m in page["messages"]]
    assert seqs == list(range(2, 302))


async def test_the_same_key_gives_the_same_answer_and_no_second_message(world: World) -> None:
    robin = await world.person("robin")
    room = await world.room("Room", robin)
    node = await world.node()
    client = await world.client(node, robin)
    await client.do("room:join", room=room)
    key = uuid.uuid4()
    answers = await asyncio.gather(
        *(client.do("message:send", room=room, key=key, text="hello") for _ in range(5))
    )
    assert all(answer == answers[0] for answer in answers)
    await client.say(room, "after")
    await client.until(lambda c: len(c.texts()) == 2)
    assert client.texts() == ["hello", "after"]
    assert [row["seq"] for row in await world.rows("SELECT seq FROM messages ORDER BY seq")] == [
        1,
        2,
    ]


async def test_bodies_are_stored_as_ciphertext(world: World) -> None:
    robin = await world.person("robin")
    room = await world.room("Room", robin)
    client = await world.client(await world.node(), robin)
    await client.say(room, "a word nobody else may read")
    assert "a word nobody" not in await world.snapshot()
    history = await client.do("message:before", room=room, before=2)
    assert history["messages"][0]["text"] == "a word nobody else may read"
