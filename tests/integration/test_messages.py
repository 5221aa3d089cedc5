"""What can be done with messages, seen by both sides over two nodes."""

import uuid

from people.permissions import Role
from rooms.ids import RoomId
from tests.support.world import Client, World


async def two(world: World, *roles: Role) -> tuple[Client, Client, RoomId]:
    """Robin and Sol on two nodes, both in a room; the roles are Sol's."""
    robin, sol = await world.person("robin"), await world.person("sol", *roles)
    room = await world.room("Room", robin, sol)
    first = await world.client(await world.node(), robin)
    second = await world.client(await world.node(), sol)
    await first.do("room:join", room=room)
    await second.do("room:join", room=room)
    return first, second, room


async def test_reply_edit_react_retract_are_seen_on_the_other_node(world: World) -> None:
    robin, sol, room = await two(world)
    await robin.say(room, "first")
    reply = await sol.say(room, "second", reply_to=1)
    await robin.until(lambda c: len(c.texts()) == 2)
    assert robin.heard("message:new")[1]["reply_to"] == 1
    await sol.do("message:edit", room=room, seq=reply["seq"], text="second, better")
    await robin.do("message:react", room=room, seq=2, reaction="heart", on=True)
    await sol.until(lambda c: len(c.heard("message:changed")) == 2)
    edited, reacted = sol.heard("message:changed")
    assert edited["text"] == "second, better"
    assert edited["edited_at"]
    assert reacted["reactions"] == {"heart": 1}
    assert "mine" not in reacted
    assert robin.heard("message:changed")[-1]["mine"] == ["heart"]
    await sol.do("message:retract", room=room, seq=2)
    await robin.until(lambda c: len(c.heard("message:changed")) == 3)
    gone = robin.heard("message:changed")[-1]
    assert gone["state"] == "retracted"
    assert "text" not in gone
    assert (await world.rows("SELECT body FROM messages WHERE seq = 2"))[0]["body"] is None


async def test_state_plus_events_equals_a_fresh_fetch(world: World) -> None:
    robin, sol, room = await two(world)
    for n in range(6):
        await robin.say(room, f"message {n}")
    await robin.do("message:edit", room=room, seq=1, text="edited")
    await sol.do("message:react", room=room, seq=2, reaction="hug", on=True)
    await sol.do("message:react", room=room, seq=2, reaction="heart", on=True)
    await sol.do("message:react", room=room, seq=2, reaction="hug", on=False)
    await robin.do("message:retract", room=room, seq=3)
    await sol.until(lambda c: len(c.heard("message:changed")) == 5)
    known = {m["seq"]: m for m in sol.heard("message:new")}
    for change in sol.heard("message:changed"):
        mine = change.get("mine", known[change["seq"]].get("mine"))
        known[change["seq"]] = change | ({"mine": mine} if mine is not None else {})
    fresh = await sol.do("message:since", room=room, after=0)
    fetched = {m["seq"]: m for m in fresh["messages"]}
    for message in [*fetched.values(), *known.values()]:
        if not message.get("mine"):
            message.pop("mine", None)
    assert known == fetched


async def test_what_changed_while_away_comes_with_the_join(world: World) -> None:
    robin, sol, room = await two(world)
    for n in range(3):
        await robin.say(room, f"message {n}")
    joined = await sol.do("room:join", room=room)
    await sol.do("room:unwatch", room=room)
    await robin.do("message:edit", room=room, seq=1, text="edited meanwhile")
    back = await sol.do("room:join", room=room, after=3, revision=joined["revision"])
    assert [m["text"] for m in back["changed"]] == ["edited meanwhile"]
    assert back["messages"] == []
    assert back["revision"] > joined["revision"]


async def test_an_edit_after_its_time_is_refused_and_a_retraction_is_not(world: World) -> None:
    robin, _, room = await two(world)
    await robin.say(room, "hasty")
    world.clock.move(minutes=16)
    assert await robin.refused("message:edit", room=room, seq=1, text="x") == "edit_too_late"
    await robin.do("message:retract", room=room, seq=1)


async def test_nobody_changes_what_somebody_else_said(world: World) -> None:
    robin, sol, room = await two(world)
    await robin.say(room, "mine")
    before = await world.snapshot()
    for name, more in (("message:edit", {"text": "theirs"}), ("message:retract", {})):
        assert await sol.refused(name, room=room, seq=1, **more) == "message_not_found"
    assert await sol.refused("message:remove", room=room, seq=1) == "not_allowed"
    assert await world.snapshot() == before


async def test_a_held_message_keeps_its_place_until_it_is_released(world: World) -> None:
    robin, kit, room = await two(world, Role.MODERATOR)
    alma = await world.person("alma")
    async with (await world.database()).transaction() as conn:
        await conn.execute(
            "INSERT INTO memberships SELECT room_id, $2, relation, 1, 0, since FROM memberships"
            " WHERE room_id = $1 LIMIT 1",
            room,
            alma.id,
        )
    other = await world.client(await world.node(), alma)
    await other.do("room:join", room=room)
    sent = await robin.say(room, "write to robin@example.org")
    assert sent["held"]
    await robin.say(room, "after")
    await other.until(lambda c: len(c.heard("message:new")) == 2)
    assert other.heard("message:new")[0]["state"] == "held"
    assert other.texts() == [None, "after"]
    assert kit.texts()[0] == robin.texts()[0] == "write to robin@example.org"
    assert await robin.refused("message:release", room=room, seq=1) == "not_allowed"
    await kit.do("message:release", room=room, seq=1)
    await other.until(lambda c: c.heard("message:changed"))
    released = other.heard("message:changed")[0]
    assert released["text"] == "write to robin@example.org"
    assert "state" not in released
    assert await kit.refused("message:release", room=room, seq=1) == "message_not_held"


async def test_a_crisis_is_flagged_in_the_same_commit_and_never_held(world: World) -> None:
    robin, sol, room = await two(world)
    sent = await robin.say(room, "i want to die, mail me at a@example.org")
    assert not sent["held"]
    await sol.until(lambda c: c.texts())
    flags = await world.rows("SELECT category, severity, message_id, xmin FROM flags")
    assert {(f["category"], f["severity"]) for f in flags} == {("suicide", 4), ("pii", 2)}
    stored = await world.rows("SELECT id, xmin FROM messages")
    assert {f["message_id"] for f in flags} == {stored[0]["id"]}
    assert "want to die" not in str(await world.rows("SELECT reasons::text FROM flags"))


async def test_an_edit_is_screened_like_a_new_message(world: World) -> None:
    robin, sol, room = await two(world)
    await robin.say(room, "hello")
    await robin.do("message:edit", room=room, seq=1, text="call +1 202 555 0143 99")
    await sol.until(lambda c: c.heard("message:changed"))
    assert sol.heard("message:changed")[0]["state"] == "held"
    assert "text" not in sol.heard("message:changed")[0]
    await robin.do("message:edit", room=room, seq=1, text="hello again")
    await sol.until(lambda c: len(c.heard("message:changed")) == 2)
    assert sol.heard("message:changed")[1]["state"] == "held"


async def test_a_removed_message_is_out_of_sight_and_kept_for_review(world: World) -> None:
    robin, kit, room = await two(world, Role.MODERATOR)
    await robin.say(room, "unkind")
    await kit.do("message:remove", room=room, seq=1)
    await robin.until(lambda c: c.heard("message:changed"))
    assert robin.heard("message:changed")[0]["state"] == "removed"
    assert await robin.refused("message:edit", room=room, seq=1, text="x") == "message_not_found"
    rows = await world.rows("SELECT body IS NOT NULL AS kept FROM messages")
    assert rows[0]["kept"]


async def test_history_comes_in_pages(world: World) -> None:
    robin, _, room = await two(world)
    for n in range(1, 26):
        await robin.say(room, f"message {n}")
    page = await robin.do("message:before", room=room, before=26, limit=10)
    assert [m["seq"] for m in page["messages"]] == list(range(16, 26))
    assert page["more"]
    page = await robin.do("message:before", room=room, before=6, limit=10)
    assert [m["seq"] for m in page["messages"]] == [1, 2, 3, 4, 5]
    assert not page["more"]


async def test_speaking_too_fast_is_refused_per_person_and_room(world: World) -> None:
    robin, sol = await world.person("robin"), await world.person("sol")
    one, other = await world.room("One", robin, sol), await world.room("Other", robin)
    node = await world.node(message_burst=3, message_rate=0.5)
    hasty, calm = await world.client(node, robin), await world.client(node, sol)
    for n in range(3):
        await hasty.say(one, f"{n}")
    answer = await hasty.ask("message:send", room=one, key=uuid.uuid4(), text="one more")
    assert answer["error"]["code"] == "rate_limited"
    assert 0 < answer["error"]["retry_after"] <= 2
    await hasty.say(other, "another room")
    await calm.say(one, "somebody else")


async def test_a_reply_to_nothing_is_refused(world: World) -> None:
    robin, _, room = await two(world)
    code = await robin.refused("message:send", room=room, key=uuid.uuid4(), text="re", reply_to=7)
    assert code == "reply_unknown"
    assert await world.rows("SELECT 1 FROM messages") == []
