"""A block holds both ways, in every room, on every node, in everything that is shown."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from people.accounts import service as accounts
from people.blocks import service as blocks
from people.permissions import Role
from rooms.ids import RoomId
from tests.support.hostile import lose_hints
from tests.support.world import Client, Data, World, until

SOON = 3.0
"""Seconds within which a change is felt without a hint: two sweeps and a busy machine."""
HIDDEN = {"state": "hidden"}


def shown(message: Data) -> Data:
    """What a message says beyond its place."""
    return {k: v for k, v in message.items() if k not in {"room", "seq", "id", "at"}}


def texts(messages: list[Data]) -> list[str | None]:
    return [m.get("text") for m in messages]


@dataclass
class Scene:
    """Two between whom there will be a block, somebody else, a facilitator and a moderator; two
    rooms with all of them, and two nodes."""

    rooms: list[RoomId]
    robin: Client
    sol: Client
    kit: Client
    watching: list[Client]

    @property
    def everybody(self) -> list[Client]:
        return [self.robin, self.sol, self.kit, *self.watching]

    @property
    def both(self) -> tuple[tuple[Client, Client], tuple[Client, Client]]:
        """Each of the two, with the other."""
        return (self.robin, self.sol), (self.sol, self.robin)

    async def told(self, change: Callable[[], Awaitable[object]]) -> None:
        """Change something between the two, and wait until both have been told."""
        before = [len(one.heard("person:changed")) for one, _ in self.both]
        await change()
        for (one, _), n in zip(self.both, before, strict=True):
            await until(lambda one=one, n=n: len(one.heard("person:changed")) > n)  # type: ignore[misc]  # the arguments are bound here

    async def exchange(self, room: RoomId, word: str) -> None:
        """Both say something, and everybody hears that something was said."""
        for speaker, _ in self.both:
            sent = await speaker.say(room, f"{word} from {speaker.person.handle}")
            for client in self.everybody:
                await hears(client, room, sent["seq"])


async def hears(client: Client, room: RoomId, seq: int) -> Data:
    """Wait for a message, whatever is seen of it."""
    place = (str(room), seq)
    found = await client.until(
        lambda c: [m for m in c.heard("message:new") if (m["room"], m["seq"]) == place]
    )
    (message,) = found
    told: Data = message
    return told


@pytest.fixture
async def scene(world: World) -> Scene:
    names = ("robin", "sol", "kit", "fay")
    people = {name: await world.person(name) for name in names}
    people["mo"] = await world.person("mo", Role.MODERATOR)
    inside = [p for name, p in people.items() if name != "fay"]
    rooms = [await world.room(n, *inside, facilitator=people["fay"]) for n in ("One", "Two")]
    nodes = [await world.node(), await world.node()]
    clients = [await world.client(nodes[i % 2], p) for i, p in enumerate(people.values())]
    for client in clients:
        await client.do("settings:set", presence_shown=True, typing_shown=True)
        await client.until(lambda c: c.heard("person:changed"))
        for room in rooms:
            await client.do("room:join", room=room)
    robin, sol, kit, *watching = clients
    return Scene(rooms, robin, sol, kit, watching)


async def latest(client: Client, room: RoomId, count: int) -> list[list[Data]]:
    """The last messages of a room, by each way of asking for them."""
    last = (await client.do("message:since", room=room, after=0, limit=1))["last_seq"]
    after = last - count
    return [
        (await client.do("message:since", room=room, after=after, limit=count))["messages"],
        (await client.do("message:before", room=room, before=last + 1, limit=count))["messages"],
        (await client.do("room:join", room=room, after=after))["messages"],
        (await client.do("room:join", room=room))["messages"][-count:],
    ]


async def check_hidden(scene: Scene, room: RoomId, word: str, *, live: bool = True) -> None:
    """The two see only that the other's messages stand there; all others see everything."""
    both = [f"{word} from robin", f"{word} from sol"]
    for client in scene.everybody:
        own = f"{word} from {client.person.handle}"
        expected = [text if own not in both or text == own else None for text in both]
        views = await latest(client, room, 2)
        if live:
            told = [m for m in client.heard("message:new") if m["room"] == str(room)]
            views.append(told[-2:])
        for messages in views:
            assert texts(messages) == expected, client.person.handle
            assert all(shown(m) == HIDDEN for m in messages if m.get("text") is None)


async def test_a_block_hides_both_ways_in_every_room_and_lifting_it_restores(
    scene: Scene,
) -> None:
    sol = scene.sol.person.id
    for room in scene.rooms:
        await scene.exchange(room, "before")
    await scene.told(lambda: scene.robin.do("block:add", person=sol))
    for room in scene.rooms:
        await check_hidden(scene, room, "before", live=False)
        await scene.exchange(room, "after")
        await check_hidden(scene, room, "after")
    await scene.told(lambda: scene.robin.do("block:remove", person=sol))
    everything = [
        f"{word} from {who}" for word in ("before", "after", "lifted") for who in ("robin", "sol")
    ]
    for room in scene.rooms:
        await scene.exchange(room, "lifted")
        for client, _ in scene.both:
            assert texts(client.heard("message:new")[-2:]) == everything[-2:]
            for messages in await latest(client, room, 6):
                assert texts(messages) == everything


async def test_whoever_watches_sees_those_who_block_them_and_is_not_seen(scene: Scene) -> None:
    room, robin = scene.rooms[0], scene.robin
    for watcher in scene.watching:
        who = watcher.person.handle
        known = len(watcher.heard("person:changed"))
        await robin.do("block:add", person=watcher.person.id)
        await until(lambda w=watcher, n=known: len(w.heard("person:changed")) > n)  # type: ignore[misc]  # the arguments are bound here
        sent = await robin.say(room, f"about {who}")
        assert (await hears(watcher, room, sent["seq"]))["text"] == f"about {who}"
        assert all(texts(m) == [f"about {who}"] for m in await latest(watcher, room, 1))
        sent = await watcher.say(room, "seen by others")
        assert shown(await hears(robin, room, sent["seq"])) == HIDDEN
        assert (await hears(scene.kit, room, sent["seq"]))["text"] == "seen by others"


async def test_a_block_keeps_reactions_and_edits_apart(scene: Scene) -> None:
    room, robin, sol = scene.rooms[0], scene.robin, scene.sol
    await scene.exchange(room, "before")
    await scene.told(lambda: sol.do("block:add", person=robin.person.id))
    for client, seq in ((robin, 2), (sol, 1)):
        code = await client.refused("message:react", room=room, seq=seq, reaction="hug", on=True)
        assert code == "message_not_found"
    await sol.do("message:edit", room=room, seq=2, text="changed")
    await scene.kit.do("message:react", room=room, seq=2, reaction="hug", on=True)
    for client in (scene.kit, robin):
        await client.until(lambda c: len(c.heard("message:changed")) == 2)
    assert [shown(m) for m in robin.heard("message:changed")] == [HIDDEN, HIDDEN]
    joined = await robin.do("room:join", room=room, after=2, revision=0)
    assert [shown(m) for m in joined["changed"]] == [HIDDEN]


async def test_a_block_hides_typing(scene: Scene) -> None:
    room = scene.rooms[0]
    await scene.told(lambda: scene.robin.do("block:add", person=scene.sol.person.id))
    for one, other in scene.both:
        await one.do("typing:set", room=room, on=True)
        await scene.kit.until(lambda c: c.heard("typing:changed"))
        (heard,) = [body for name, body in scene.kit.told if name == "typing:changed"]
        assert heard["person"]["handle"] == one.person.handle
        scene.kit.told.clear()
        await hears(other, room, (await one.say(room, "a word after it"))["seq"])
        assert other.heard("typing:changed") == []


async def test_a_block_hides_presence(scene: Scene) -> None:
    room = scene.rooms[0]
    await scene.told(lambda: scene.robin.do("block:add", person=scene.sol.person.id))
    for client in scene.everybody:
        client.told.clear()
    await scene.kit.do("room:unwatch", room=room)
    for one, other in scene.both:
        expected = sorted({"robin", "sol", "fay", "mo"} - {other.person.handle})
        await one.until(lambda c: c.heard("presence:changed"))
        for body in one.heard("presence:changed"):
            assert other.person.handle not in {p["handle"] for p in body["people"]}
        present = (await one.do("room:join", room=room))["present"]
        assert [p["handle"] for p in present] == sorted(expected)


async def test_each_of_two_blocks_is_lifted_by_its_own_maker(scene: Scene) -> None:
    room, robin, sol = scene.rooms[0], scene.robin, scene.sol
    await scene.told(lambda: robin.do("block:add", person=sol.person.id))
    await sol.do("block:add", person=robin.person.id)
    assert [p["handle"] for p in (await sol.do("block:list"))["people"]] == ["robin"]
    await robin.do("block:remove", person=sol.person.id)
    assert (await robin.do("block:list"))["people"] == []
    await scene.exchange(room, "still")
    await check_hidden(scene, room, "still")


async def test_a_block_is_felt_without_any_hint(world: World, scene: Scene) -> None:
    await lose_hints(world.addresses)

    async def behind_the_back() -> None:
        async with (await world.database()).transaction() as conn:
            who = await accounts.person_by_handle(conn, "robin")
            await blocks.block(conn, who, scene.sol.person.id, world.clock())

    started = asyncio.get_running_loop().time()
    await scene.told(behind_the_back)
    assert asyncio.get_running_loop().time() - started < SOON
    await scene.exchange(scene.rooms[0], "after")
    await check_hidden(scene, scene.rooms[0], "after")
