"""Clients that ask too fast or do not read; and what is said and logged when we break."""

import io
import json
import logging
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, redirect_stderr

import aiohttp
import pytest
import structlog

from chatserver.logs import set_up_logs
from chatserver.node import Node
from people.permissions import Role
from rooms.ids import RoomId
from tests.support.raw import lives, raw, socket_url
from tests.support.world import Client, TestPerson, World, until

SECRET = "a sentence that belongs in no log"


@contextmanager
def _logged() -> Iterator[io.StringIO]:
    """What goes to standard error, with the logs as `serve` sets them up."""
    handlers, level = logging.root.handlers, logging.root.level
    with redirect_stderr(io.StringIO()) as written:
        set_up_logs("debug")
        try:
            yield written
        finally:
            logging.root.handlers, logging.root.level = handlers, level
            structlog.reset_defaults()


def _message(room: RoomId, text: str) -> str:
    return json.dumps({"room": str(room), "key": str(uuid.uuid4()), "text": text})


def _counted(node: Node, name: str, **labels: str) -> float:
    return node.metrics.registry.get_sample_value(name, labels) or 0.0


async def test_a_flood_of_requests_is_slowed_down_and_hurts_nobody_else(world: World) -> None:
    sol, robin = await world.person("sol"), await world.person("robin")
    node = await world.node(event_burst=20, event_rate=5)
    other = await world.client(node, robin)
    async with raw(node, sol) as client:
        numbers = [await client.event("person:me", "{}") for _ in range(200)]
        await other.do("person:me")
        answers = [await client.ack(number) for number in numbers]
        refused = [a["error"] for a in answers if not a["ok"]]
        assert [a["ok"] for a in answers[:20]] == [True] * 20
        assert len(refused) >= 150
        assert {error["code"] for error in refused} == {"rate_limited"}
        assert all(0 < error["retry_after"] <= 0.2 for error in refused)
        while not (await client.ask("person:me"))["ok"]:
            await other.sio.sleep(0.02)


async def test_messages_have_a_measure_of_their_own_by_person_and_room(world: World) -> None:
    sol, robin = await world.person("sol"), await world.person("robin")
    room, side = await world.room("Room", sol, robin), await world.room("Side", sol)
    node = await world.node(message_burst=3, message_rate=0.01)
    first, second = await world.client(node, sol), await world.client(node, sol)
    for client in (first, second, first):
        await client.say(room, "hello")
    before = await world.snapshot()
    answer = await second.ask("message:send", room=room, key=uuid.uuid4(), text="again")
    assert answer["error"]["code"] == "rate_limited"
    assert 0 < answer["error"]["retry_after"] <= 100
    assert await world.snapshot() == before
    await first.say(side, "elsewhere")
    await (await world.client(node, robin)).say(room, "hello too")


async def test_the_order_of_one_client_is_kept_without_waiting_for_answers(world: World) -> None:
    sol = await world.person("sol")
    room = await world.room("Room", sol)
    async with raw(await world.node(), sol) as client:
        numbers = [await client.event("message:send", _message(room, str(n))) for n in range(200)]
        answers = [await client.ack(number) for number in numbers]
        assert [a["data"]["seq"] for a in answers] == list(range(1, 201))
        history = {"room": str(room), "after": 0, "limit": 200}
        page = await client.ask("message:since", json.dumps(history))
        assert [m["text"] for m in page["data"]["messages"]] == [str(n) for n in range(200)]


async def _talk_until_cut(node: Node, speaker: Client, room: RoomId) -> int:
    """Speak until somebody was cut off; after how many messages."""
    for said in range(1, 1000):
        await speaker.say(room, "\N{SPEAKING HEAD IN SILHOUETTE}" * 4000)
        if _counted(node, "chat_slow_readers_total"):
            return said
    pytest.fail("nobody was cut off")


async def test_a_slow_reader_is_cut_off_and_catches_up(world: World) -> None:
    sol, robin = await world.person("sol"), await world.person("robin")
    room = await world.room("Room", sol, robin)
    node = await world.node(send_queue=20)
    speaker = await world.client(node, robin)
    await speaker.do("room:join", room=room)
    async with raw(node, sol, narrow=True) as sleeper:
        await sleeper.ask("room:join", json.dumps({"room": str(room)}))
        said = await _talk_until_cut(node, speaker, room)
        await until(lambda: len(node.connections) == 1)
    assert said < 400, "what waits for one reader is bounded by the queue and the sockets"
    await speaker.say(room, "last")
    await speaker.until(lambda c: c.texts()[-1] == "last")
    assert len(speaker.texts()) == said + 1
    back = await world.client(node, sol)
    page = await back.do("room:join", room=room, after=0)
    seqs = [m["seq"] for m in page["messages"]]
    while seqs[-1] < page["last_seq"]:
        page = await back.do("message:since", room=room, after=seqs[-1], limit=20)
        seqs += [m["seq"] for m in page["messages"]]
    assert seqs == list(range(1, said + 2))


async def _page(world: World, speaker: Client, *people: TestPerson) -> str:
    """Fill a room, and make a request that is answered with 400 kB of it."""
    room = await world.room("Room", speaker.person, *people)
    for _ in range(100):
        await speaker.say(room, "x" * 4000)
    return json.dumps({"room": str(room), "before": 1000, "limit": 100})


async def test_answers_that_are_not_read_do_not_pile_up(world: World) -> None:
    sol, robin = await world.person("sol"), await world.person("robin")
    node = await world.node()
    other = await world.client(node, robin)
    page = await _page(world, other, sol)
    async with raw(node, sol, narrow=True) as sleeper:
        numbers = [await sleeper.event("message:before", page) for _ in range(60)]
        for _ in range(200):
            await other.do("person:me")
        taken = _counted(node, "chat_requests_total", event="message:before", code="ok")
        assert taken < 40, "the rest waits in the client's own socket"
        for number in numbers:
            assert len((await sleeper.ack(number))["data"]["messages"]) == 100


async def test_a_client_that_stopped_answering_leaves_nothing_behind(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatserver.socket.gateway.PING_SECONDS", 0.5)
    monkeypatch.setattr("chatserver.socket.gateway.PONG_SECONDS", 1.0)
    sol = await world.person("sol")
    node = await world.node()
    other = await world.client(node, await world.person("robin"))
    page = await _page(world, other, sol)
    await other.sio.disconnect()
    async with raw(node, sol, narrow=True) as sleeper:
        for _ in range(60):
            await sleeper.event("message:before", page)
        await until(lambda: len(node.connections) == 0)
        assert await sleeper.closed() == aiohttp.WSCloseCode.ABNORMAL_CLOSURE
        assert len(sleeper.acks) < 40


@asynccontextmanager
async def _renamed(world: World, table: str) -> AsyncIterator[None]:
    """A database that lacks a table while the block runs."""
    async with (await world.database()).connection() as conn:
        await conn.execute(f"ALTER TABLE {table} RENAME TO elsewhere")
        try:
            yield
        finally:
            await conn.execute(f"ALTER TABLE elsewhere RENAME TO {table}")


async def test_our_own_failure_is_answered_and_logged_without_a_word_of_the_text(
    world: World,
) -> None:
    sol = await world.person("sol")
    room = await world.room("Room", sol)
    message = _message(room, SECRET)
    edit = json.dumps({"room": str(room), "seq": 1, "text": SECRET})
    with _logged() as written:
        async with raw(await world.node(), sol) as client:
            async with _renamed(world, "messages"):
                for name, payload in (("message:send", message), ("message:edit", edit)):
                    answer = await client.ask(name, payload)
                    assert answer["error"]["code"] in {"internal_error", "unavailable"}
                    assert answer["error"]["retry_after"] > 0
                    assert SECRET not in json.dumps(answer)
                    await lives(client, sol)
            assert (await client.ask("message:send", message))["data"]["seq"] == 1
    assert '"exception": "UndefinedTableError"' in written.getvalue()
    assert SECRET not in written.getvalue()


async def test_an_error_that_quotes_what_was_written_is_logged_by_its_kind_only(
    world: World,
) -> None:
    sol = await world.person("sol", Role.MODERATOR)
    node = await world.node()
    with _logged() as written:
        async with (await world.database()).connection() as conn:
            rule = f"ALTER TABLE rooms ADD CONSTRAINT odd CHECK (name <> '{SECRET}')"
            await conn.execute(rule)
            try:
                async with raw(node, sol) as client:
                    answer = await client.ask("room:create", json.dumps({"name": SECRET}))
                    assert answer["error"]["code"] == "internal_error"
                    await lives(client, sol)
            finally:
                await conn.execute("ALTER TABLE rooms DROP CONSTRAINT odd")
    assert '"exception": "CheckViolationError"' in written.getvalue()
    assert SECRET not in written.getvalue()


async def test_nothing_that_a_client_sends_is_logged(world: World) -> None:
    sol = await world.person("sol")
    node, http = await world.node(), await world.http()
    url = socket_url(node, "polling")
    with _logged() as written:
        async with raw(node, sol) as client:
            await client.ask(SECRET, json.dumps(SECRET))
            await client.send(f"2{SECRET}", SECRET, f"3[{SECRET}", f"0/{SECRET},")
            await lives(client, sol)
            await client.frame(SECRET.encode())
            await client.closed()
        for more in (f"&sid={SECRET}", f"&transport={SECRET}", f"&j={SECRET}"):
            async with http.get(url + more) as answer:
                assert answer.status < 500
        async with http.get(url, headers={"Origin": f"https://{SECRET}"}) as answer:
            assert answer.status == 400
    assert SECRET not in written.getvalue()
