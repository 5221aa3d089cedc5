"""Who may do what, cell by cell against a running server.

The tables below are written by hand and know nothing of people/permissions.py: whoever changes
the rules changes them here as well, and sees what follows. A cell says `yes`, or the code of the
refusal, or `roles:code` where only these roles may.
"""

import re
import uuid
from pathlib import Path
from typing import Any

import pytest

from chatserver.node import Node
from chatserver.protocol.table import REQUESTS
from people.permissions import Action, Relation, Role
from rooms.directory.model import Access
from rooms.directory.service import appoint
from rooms.ids import RoomId
from tests.support.hostile import example
from tests.support.world import Client, Data, TestPerson, World

Table = str

JOIN = """
            outsider             invited        room_member   facilitator
open        yes                  yes            yes           yes
invitation  invitation_required  yes            yes           yes
hidden      not_found            yes            yes           yes
"""
INSIDE = """
            outsider             invited        room_member   facilitator
open        not_a_member         not_a_member   yes           yes
invitation  not_a_member         not_a_member   yes           yes
hidden      not_found            not_a_member   yes           yes
"""
LEAD = """
            outsider             invited        room_member   facilitator
open        not_a_member         not_a_member   not_allowed   yes
invitation  not_a_member         not_a_member   not_allowed   yes
hidden      not_found            not_a_member   not_allowed   yes
"""
WATCH = """
            outsider             invited        room_member                        facilitator
open        not_a_member         not_a_member   moderator,safety_lead:not_allowed  yes
invitation  not_a_member         not_a_member   moderator,safety_lead:not_allowed  yes
hidden      not_found            not_a_member   moderator,safety_lead:not_allowed  yes
"""
ARRANGE = """
            outsider             invited             room_member        facilitator
open        admin:not_a_member   admin:not_a_member  admin:not_allowed  yes
invitation  admin:not_a_member   admin:not_a_member  admin:not_allowed  yes
hidden      not_found            admin:not_a_member  admin:not_allowed  yes
"""
EXPECTED: dict[str, Table] = {
    "message:send": INSIDE,
    "message:since": INSIDE,
    "message:before": INSIDE,
    "message:edit": INSIDE,
    "message:react": INSIDE,
    "message:retract": INSIDE,
    "message:release": WATCH,
    "message:remove": WATCH,
    "read:mark": INSIDE,
    "typing:set": INSIDE,
    "room:members": INSIDE,
    "room:invite": LEAD,
    "room:update": ARRANGE,
    "room:unwatch": INSIDE,
    "room:join": JOIN,
    "room:leave": INSIDE,
}
"""Events about a room, in an order in which somebody may do them all."""
ANYWHERE = {
    "room:list": "yes",
    "room:create": "moderator,admin:not_allowed",
    "person:me": "yes",
    "settings:set": "yes",
    "block:list": "yes",
    "block:add": "yes",
    "block:remove": "yes",
}
"""Events about no room."""
INVITATIONS = {
    "member": "moderator,admin:not_allowed",
    "peer": "admin:not_allowed",
    "moderator": "admin:not_allowed",
    "safety_lead": "admin:not_allowed",
    "admin": "admin:not_allowed",
}
"""Asking somebody into the community, by the role that they are to have."""
ROLES = ("member", "peer", "moderator", "safety_lead", "admin")
RELATIONS = ("outsider", "invited", "room_member", "facilitator")
OWN = {"message:edit", "message:retract"}


def cell(table: Table, access: str, relation: str) -> str:
    """What a table says."""
    head, *rows = (line.split() for line in table.strip().splitlines())
    row = next(row for row in rows if row[0] == access)
    return row[1 + head.index(relation)]


def verdict(said: str, role: str) -> str:
    """`yes` or the code of the refusal, for one role."""
    roles, _, code = said.rpartition(":")
    return "yes" if role in roles.split(",") else code


def test_every_event_has_a_row() -> None:
    about_rooms = {n for n, row in REQUESTS.items() if "room" in row.body.__struct_fields__}
    assert EXPECTED.keys() == about_rooms
    assert ANYWHERE.keys() == REQUESTS.keys() - about_rooms
    assert tuple(Role) == ROLES
    assert tuple(Relation) == RELATIONS
    for table in EXPECTED.values():
        assert [line.split()[0] for line in table.strip().splitlines()[1:]] == list(Access)


def test_every_action_is_asked_for_somewhere() -> None:
    root = Path(__file__).parents[2]
    code = [
        file.read_text("utf-8")
        for package in ("people", "rooms", "moderation", "chatserver")
        for file in (root / package).rglob("*.py")
        if file.name != "permissions.py"
    ]
    asked = {name for text in code for name in re.findall(r"\b(?:Action|A)\.([A-Z_]+)\b", text)}
    assert {action.name for action in Action} <= asked


class Case:
    """A room with somebody of each role who all stand towards it in the same way."""

    def __init__(self, world: World, access: str, relation: str) -> None:
        self.world, self.access, self.relation = world, Access(access), Relation(relation)
        self.seqs: dict[str, int] = {}
        self.room = RoomId(uuid.uuid4())

    async def prepare(self) -> Node:
        """Make the room, with messages to read, release and remove."""
        world = self.world
        lead = await world.person("lead")
        await world.person("guest")
        self.room = await world.room("Room", facilitator=lead, access=self.access)
        node = await world.node()
        client = await world.client(node, lead)
        for role in ROLES:
            self.seqs[f"message:react/{role}"] = (await client.say(self.room, "hello"))["seq"]
            held = await client.say(self.room, "call +1 555 0100 2003")
            assert held["held"]
            self.seqs[f"message:release/{role}"] = held["seq"]
            self.seqs[f"message:remove/{role}"] = (await client.say(self.room, "oh"))["seq"]
        return node

    async def somebody(self, role: str) -> TestPerson:
        """Somebody of a role, in their place."""
        person = await self.world.person(f"the-{role}", Role(role))
        if self.relation is not Relation.OUTSIDER:
            async with (await self.world.database()).transaction() as conn:
                await appoint(conn, person.id, self.room, self.relation, self.world.clock())
        return person

    def fields(self, name: str, role: str, room: RoomId) -> Data:
        """A request that fails for no other reason than who asks."""
        own = self.seqs.get(f"own/{role}", 1)
        seq = own if name in OWN else self.seqs.get(f"{name}/{role}", 1)
        given: dict[str, Any] = {"handle": "guest", "topic": "new", "seq": seq}
        return example(REQUESTS[name].body, room=str(room), **given)


async def _refused(case: Case, client: Client, role: str) -> None:
    """All that this person may not do, and nothing has changed after it."""
    before = await case.world.snapshot()
    for name, table in EXPECTED.items():
        code = verdict(cell(table, case.access, case.relation), role)
        if code != "yes":
            answer = await client.ask(name, case.fields(name, role, case.room))
            assert answer.get("error", {}).get("code") == code, (name, role, answer)
            nowhere = await client.ask(name, case.fields(name, role, RoomId(uuid.uuid4())))
            assert nowhere["error"]["code"] == "not_found", (name, role, nowhere)
            assert (answer == nowhere) is (code == "not_found")
    assert await case.world.snapshot() == before


async def _allowed(case: Case, client: Client, role: str) -> None:
    """All that this person may do."""
    for name, table in EXPECTED.items():
        if verdict(cell(table, case.access, case.relation), role) == "yes":
            answer = await client.ask(name, case.fields(name, role, case.room))
            assert answer["ok"], (name, role, answer)
            if name == "message:send":
                case.seqs[f"own/{role}"] = answer["data"]["seq"]


async def _listed(case: Case, client: Client) -> None:
    """The list shows what may be found, and how far a room has come only to those inside."""
    rooms = {room["id"]: room for room in (await client.do("room:list"))["rooms"]}
    inside = case.relation in {Relation.MEMBER, Relation.FACILITATOR}
    if case.access is Access.HIDDEN and case.relation is Relation.OUTSIDER:
        assert rooms == {}
    else:
        room = rooms[str(case.room)]
        assert room["joined"] is inside
        assert (room["last_seq"] > 0) is inside
        assert room["facilitator"] is (case.relation is Relation.FACILITATOR)


@pytest.mark.parametrize("relation", RELATIONS)
@pytest.mark.parametrize("access", list(Access))
async def test_what_may_be_done_in_a_room(world: World, access: str, relation: str) -> None:
    case = Case(world, access, relation)
    node = await case.prepare()
    clients = {role: await world.client(node, await case.somebody(role)) for role in ROLES}
    for role, client in clients.items():
        await _listed(case, client)
        await _refused(case, client, role)
    for role, client in clients.items():
        await _allowed(case, client, role)


@pytest.mark.parametrize("role", ROLES)
async def test_what_may_be_done_anywhere(world: World, role: str) -> None:
    person, other = await world.person("somebody", Role(role)), await world.person("other")
    node = await world.node()
    client = await world.client(node, person)
    for name, said in ANYWHERE.items():
        code, before = verdict(said, role), await world.snapshot()
        answer = await client.ask(name, example(REQUESTS[name].body, person=str(other.id)))
        assert answer["ok"] is (code == "yes"), (name, answer)
        if code != "yes":
            assert answer["error"]["code"] == code
            assert await world.snapshot() == before
    http = await world.http(person.token)
    for invited, said in INVITATIONS.items():
        before = await world.snapshot()
        url = f"{node.settings.url}/api/invitations"
        async with http.post(url, json={"role": invited}) as response:
            answer = await response.json()
        code = verdict(said, role)
        assert answer["ok"] is (code == "yes"), (invited, answer)
        if code != "yes":
            assert (response.status, answer["error"]["code"]) == (403, code)
            assert await world.snapshot() == before
