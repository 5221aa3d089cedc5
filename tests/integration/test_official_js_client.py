"""The official JavaScript client, unmodified, beside the official Python client."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from chatserver.node import Node
from rooms.ids import RoomId
from tests.support.javascript import JavaScript
from tests.support.world import TestPerson, World, until


def clients(people: list[TestPerson], nodes: list[Node], **options: Any) -> list[dict[str, Any]]:
    """What the script is told of each: spread over the nodes in turn."""
    return [
        {"url": nodes[n % len(nodes)].settings.url, "token": person.token, **options}
        for n, person in enumerate(people)
    ]


async def test_twenty_members_of_both_kinds_on_two_nodes(
    world: World, javascript: JavaScript
) -> None:
    people = [await world.person(f"p{n:02}") for n in range(20)]
    room = await world.room("Everybody", *people)
    nodes = [await world.node(), await world.node()]
    python = [await world.client(nodes[n % 2], person) for n, person in enumerate(people[:10])]
    for client in python:
        await client.do("room:join", room=room)
    wish = {"do": "meet", "room": str(room), "count": 100, "total": 2000}
    javascript.write(**wish, clients=clients(people[10:], nodes))
    assert await javascript.read() == {"joined": ["websocket"] * 10}

    async def talk(number: int) -> None:
        for i in range(100):
            await python[number].say(room, f"py{number}:{i}")

    javascript.write(do="talk")
    told, *_ = await asyncio.gather(javascript.read(), *(talk(n) for n in range(10)))
    await until(lambda: all(len(c.heard("message:new")) == 2000 for c in python), 30)
    views = [[[m["seq"], m["text"]] for m in c.heard("message:new")] for c in python]
    assert [seq for seq, _ in views[0]] == list(range(1, 2001))
    assert sorted(text for _, text in views[0]) == sorted(
        f"{kind}{n}:{i}" for kind in ("js", "py") for n in range(10) for i in range(100)
    )
    assert all(view == views[0] for view in [*views, *told["told"]])


@pytest.mark.parametrize(
    ("transports", "begun", "ended"),
    [
        (["polling"], "polling", "polling"),
        (["polling", "websocket"], None, "websocket"),
        (["websocket"], "websocket", "websocket"),
    ],
)
async def test_every_transport(
    world: World, javascript: JavaScript, transports: list[str], begun: str | None, ended: str
) -> None:
    robin, sol = await world.person("robin"), await world.person("sol")
    room: RoomId = await world.room("Room", robin, sol)
    nodes = [await world.node(), await world.node()]
    wish = {"do": "meet", "room": str(room), "count": 50, "total": 100}
    javascript.write(**wish, clients=clients([robin, sol], nodes, transports=transports))
    joined = (await javascript.read())["joined"]
    assert begun is None or joined == [begun, begun]
    javascript.write(do="talk")
    answer = await javascript.read()
    assert answer["transports"] == [ended, ended]
    first, second = answer["told"]
    assert first == second
    assert [seq for seq, _ in first] == list(range(1, 101))


@pytest.mark.parametrize("token", ["no-such-token", None])
async def test_a_refused_client_learns_the_code(
    world: World, javascript: JavaScript, token: str | None
) -> None:
    node = await world.node()
    javascript.write(do="knock", url=node.settings.url, token=token)
    answer = await javascript.read()
    assert answer["data"]["code"] == "unauthenticated"
    assert answer["refused"] == answer["data"]["message"]
    javascript.write(do="knock", url=node.settings.url, token=(await world.person("sol")).token)
    assert await javascript.read() == {"admitted": True}
