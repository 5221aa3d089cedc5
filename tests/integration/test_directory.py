"""Rooms: who finds them, who gets in, what one agrees to, what is unread."""

from people.permissions import Role
from tests.support.world import World


async def test_agreements_are_accepted_on_joining_and_anew_when_they_change(world: World) -> None:
    robin, alma = await world.person("robin"), await world.person("alma")
    room = await world.room("Room", facilitator=alma, agreements="What is said here stays here.")
    node = await world.node()
    member, chair = await world.client(node, robin), await world.client(node, alma)
    assert await member.refused("room:join", room=room) == "agreements_required"
    joined = await member.do("room:join", room=room, agree=True)
    assert joined["info"]["agreed"]
    await member.say(room, "hello")
    await chair.do("room:update", room=room, agreements="And we listen.")
    await member.until(lambda c: not c.heard("room:changed")[-1]["info"]["agreed"])
    send = {"room": room, "key": room, "text": "again"}
    assert await member.refused("message:send", **send) == "agreements_required"
    assert (await member.do("message:since", room=room, after=0))["messages"]
    await member.do("room:join", room=room, agree=True)
    await member.do("message:send", **send)


async def test_an_invitation_room_is_listed_and_a_hidden_one_is_not(world: World) -> None:
    robin, alma = await world.person("robin"), await world.person("alma")
    closed = await world.room("Closed", facilitator=alma, access="invitation")
    hidden = await world.room("Hidden", facilitator=alma, access="hidden")
    node = await world.node()
    guest, chair = await world.client(node, robin), await world.client(node, alma)
    assert [r["name"] for r in (await guest.do("room:list"))["rooms"]] == ["Closed"]
    assert await guest.refused("room:join", room=closed) == "invitation_required"
    assert await guest.refused("room:join", room=hidden) == "not_found"
    for room in (closed, hidden):
        await chair.do("room:invite", room=room, handle="robin")
    await guest.until(lambda c: len(c.heard("room:changed")) == 2)
    names = [r["name"] for r in (await guest.do("room:list"))["rooms"]]
    assert sorted(names) == ["Closed", "Hidden"]
    await guest.do("room:join", room=closed)
    await guest.do("room:join", room=hidden)


async def test_a_full_room_takes_nobody_more_at_any_rate_of_arrivals(world: World) -> None:
    people = [await world.person(f"p{n}") for n in range(8)]
    room = await world.room("Small", capacity=3)
    node = await world.node()
    clients = [await world.client(node, person) for person in people]
    answers = [await client.ask("room:join", room=room) for client in clients]
    assert [a["ok"] for a in answers].count(True) == 3
    assert {a["error"]["code"] for a in answers if not a["ok"]} == {"room_full"}


async def test_leaving_ends_what_one_sees_at_once(world: World) -> None:
    robin, sol = await world.person("robin"), await world.person("sol")
    room = await world.room("Room", robin, sol)
    node, other = await world.node(), await world.node()
    phone, laptop = await world.client(node, robin), await world.client(other, robin)
    speaker = await world.client(node, sol)
    for client in (phone, laptop, speaker):
        await client.do("room:join", room=room)
    await phone.do("room:leave", room=room)
    await laptop.until(lambda c: c.heard("room:removed"))
    await speaker.say(room, "after they left")
    await speaker.until(lambda c: c.texts())
    assert phone.texts() == laptop.texts() == []
    assert await laptop.refused("message:since", room=room, after=0) == "not_a_member"


async def test_the_only_facilitator_does_not_leave_a_room_with_people_in_it(world: World) -> None:
    robin, alma = await world.person("robin"), await world.person("alma")
    room = await world.room("Room", robin, facilitator=alma)
    chair = await world.client(await world.node(), alma)
    assert await chair.refused("room:leave", room=room) == "last_facilitator"


async def test_unread_marks_move_forward_on_every_device(world: World) -> None:
    robin, sol = await world.person("robin"), await world.person("sol")
    room = await world.room("Room", robin, sol)
    node, other = await world.node(), await world.node()
    phone, laptop = await world.client(node, robin), await world.client(other, robin)
    speaker = await world.client(node, sol)
    for n in range(4):
        await speaker.say(room, f"{n}")
    assert (await phone.do("room:list"))["rooms"][0]["unread"] == 4
    await phone.do("read:mark", room=room, seq=3)
    await laptop.until(lambda c: c.heard("read:changed"))
    assert laptop.heard("read:changed")[0]["seq"] == 3
    assert (await phone.do("read:mark", room=room, seq=1))["seq"] == 3
    assert (await phone.do("read:mark", room=room, seq=99))["seq"] == 4
    assert (await laptop.do("room:list"))["rooms"][0]["unread"] == 0


async def test_staff_open_rooms_and_members_do_not(world: World) -> None:
    node = await world.node()
    member = await world.client(node, await world.person("robin"))
    staff = await world.client(node, await world.person("noor", Role.ADMIN))
    assert await member.refused("room:create", name="Mine") == "not_allowed"
    made = (await staff.do("room:create", name="  Evening  ", expires_after_days=7))["info"]
    assert (made["name"], made["facilitator"], made["members"]) == ("Evening", True, 1)
    await member.do("room:join", room=made["id"])
    found = (await member.do("room:members", room=made["id"]))["members"]
    assert [(m["handle"], m["facilitator"]) for m in found] == [("noor", True), ("robin", False)]


async def test_an_admin_cannot_open_a_closed_room_to_read_it(world: World) -> None:
    noor, alma = await world.person("noor", Role.ADMIN), await world.person("alma")
    room = await world.room("Closed", facilitator=alma, access="invitation")
    node = await world.node()
    admin, chair = await world.client(node, noor), await world.client(node, alma)
    assert await admin.refused("room:update", room=room, access="open") == "not_a_member"
    await admin.do("room:update", room=room, topic="For the evening")
    await chair.do("room:update", room=room, access="open")


async def test_presence_and_typing_are_shown_only_of_those_who_let_them(world: World) -> None:
    robin, sol = await world.person("robin"), await world.person("sol")
    room = await world.room("Room", robin, sol)
    first, second = (
        await world.client(await world.node(), robin),
        await world.client(await world.node(), sol),
    )
    await second.do("room:join", room=room)
    joined = await first.do("room:join", room=room)
    await first.do("typing:set", room=room, on=True)
    assert joined["present"] == []
    await first.do("settings:set", presence_shown=True, typing_shown=True)
    await second.until(lambda c: c.heard("presence:changed"))
    shown = second.heard("presence:changed")[-1]["people"]
    assert [p["handle"] for p in shown] == ["robin"]
    assert second.heard("typing:changed") == []
    await first.do("typing:set", room=room, on=True)
    await second.until(lambda c: c.heard("typing:changed"))
    assert second.heard("typing:changed")[0]["person"]["handle"] == "robin"
    await first.sio.disconnect()
    await second.until(lambda c: c.heard("presence:changed")[-1]["people"] == [])
