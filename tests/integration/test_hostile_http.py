"""Whatever is sent over HTTP: an envelope, a code, the right status, safe headers; no change."""

import json
from typing import Any

import aiohttp
import pytest
from yarl import URL

from chatserver.node import Node
from chatserver.protocol.routes import ROUTES, Access, Route
from people.accounts import service as accounts
from tests.support.hostile import check_headers, example, fits, for_all, hostile, malformed
from tests.support.world import Data, World

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "HEAD", "PROPFIND")
WITH_BODY = [(route, route.body) for route in ROUTES if route.body is not None]
CHANGING = [route for route in ROUTES if route.method != "GET"]
PRIVATE = [route for route in ROUTES if route.access is Access.SIGNED_IN]
JSON = {"Content-Type": "application/json"}


def path_of(route: Route, part: str = "0193c0de-0000-7000-8000-000000000000") -> str:
    """A route's path, with something in the place of its parameter."""
    return route.path.replace("{id}", part).replace("{code}", part)


def body_of(route: Route) -> bytes | None:
    """A well-formed body, if the route takes one."""
    return json.dumps(example(route.body)).encode() if route.body else None


class Caller:
    """Calls a server and checks of each answer what must be true of every one."""

    def __init__(self, http: aiohttp.ClientSession, node: Node) -> None:
        self._http, self._node = http, node

    async def call(self, method: str, path: str, **options: Any) -> tuple[int, Data]:
        """One call of the API: its status and envelope."""
        url = URL(self._node.settings.url + path, encoded=True)
        async with self._http.request(method, url, **options) as answer:
            check_headers(answer.headers)
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.content_type == "application/json"
            if answer.status >= 400:
                assert "Set-Cookie" not in answer.headers
            raw = await answer.read()
        body: Data = json.loads(raw) if method != "HEAD" else {}
        assert method == "HEAD" or set(body) == {"ok", "data" if body["ok"] else "error"}
        return answer.status, body

    async def refused(self, method: str, path: str, **options: Any) -> tuple[int, str]:
        """A call that is to be refused: its status and code."""
        status, body = await self.call(method, path, **options)
        assert body["ok"] is False, (method, path, body)
        assert body["error"]["message"]
        return status, body["error"]["code"]

    async def of(self, route: Route, **options: Any) -> tuple[int, str]:
        """A well-formed call of a route, but for the options, that is to be refused."""
        headers = (JSON if route.body else {}) | options.pop("headers", {})
        data = options.pop("data", body_of(route))
        return await self.refused(
            route.method, path_of(route), data=data, headers=headers, **options
        )


@pytest.fixture
async def node(world: World) -> Node:
    return await world.node()


@pytest.fixture
async def caller(world: World, node: Node) -> Caller:
    """Nobody in particular."""
    await world.person("robin", password="some plain words together")
    return Caller(await world.http(), node)


@pytest.fixture
async def member(world: World, node: Node, caller: Caller) -> Caller:
    """Somebody who is signed in, and may do nothing special."""
    return Caller(await world.http((await world.person("sol")).token), node)


async def test_other_methods_are_not_found(world: World, caller: Caller, member: Caller) -> None:
    before = await world.snapshot()
    for path in {route.path for route in ROUTES}:
        known = {route.method for route in ROUTES if route.path == path}
        for method in set(METHODS) - known:
            for who in (caller, member):
                status, body = await who.call(method, path.replace("{", "").replace("}", ""))
                assert status == 404, (method, path)
                assert method == "HEAD" or body["error"]["code"] == "not_found"
    assert await world.snapshot() == before


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
     "application/json5", "application/jsonx", "text/json", "*/*", "", "\xff"],
)  # fmt: skip
async def test_a_body_of_another_kind_is_refused(
    world: World, caller: Caller, member: Caller, kind: str
) -> None:
    before = await world.snapshot()
    for route, _ in WITH_BODY:
        for who in (caller, member):
            answer = await who.of(route, headers={"Content-Type": kind})
            assert answer == (400, "invalid_request"), route.name
    assert await world.snapshot() == before


async def test_hostile_bodies_are_refused(world: World, caller: Caller, member: Caller) -> None:
    before = await world.snapshot()
    for route, kind in WITH_BODY:
        bodies = [p.encode() for p in hostile(kind) if not fits(kind, p)]
        bodies += [
            b"\xff",
            b'{"a":"\xff"}',
            b"x" * 1_000_000,
            body_of(route) or b"",
            b"\xef\xbb\xbf{}",
        ]
        bodies[-2] += b" " * 20_000
        for body in bodies:
            answer = await member.of(route, data=body)
            assert answer == (400, "invalid_request"), (route.name, body[:100])
    assert await world.snapshot() == before


async def test_arbitrary_bodies_are_refused(world: World, member: Caller) -> None:
    before = await world.snapshot()
    for route, kind in WITH_BODY:

        async def check(payload: str, route: Route = route) -> None:
            assert await member.of(route, data=payload.encode()) == (400, "invalid_request")

        await for_all(malformed(kind), check, 15)
    assert await world.snapshot() == before


ANSWERED = {
    "health", "ready", "community", "me", "sign_out", "sign_out_beacon", "sessions", "end_sessions",
}  # fmt: skip
"""Calls that are simply answered."""
REFUSED = {
    "setup": (403, "setup_refused"),
    "sign_in": (401, "sign_in_refused"),
    "sign_in_link": (401, "link_invalid"),
    "end_session": (404, "no_such_session"),
    "password": (400, "password_too_short"),
    "invite": (403, "not_allowed"),
    "invitation": (404, "invitation_invalid"),
    "accept": (404, "invitation_invalid"),
}


async def test_well_formed_calls_about_nothing_are_refused(world: World, member: Caller) -> None:
    assert {route.name for route in ROUTES} == ANSWERED | REFUSED.keys()
    before = await world.rows("SELECT * FROM people, sessions, invitations")
    for route in ROUTES:
        if route.name in REFUSED:
            assert await member.of(route) == REFUSED[route.name]
    assert await world.rows("SELECT * FROM people, sessions, invitations") == before


async def test_a_nul_in_a_text_is_a_bad_request_and_no_failure_of_ours(caller: Caller) -> None:
    for route, kind in WITH_BODY:
        for name, value in example(kind).items():
            if isinstance(value, str):
                data = json.dumps(example(kind, **{name: "a\0b"})).encode()
                answer = await caller.of(route, data=data)
                assert answer in {
                    (400, "invalid_request"), (401, "unauthenticated"), REFUSED[route.name]
                }  # fmt: skip


async def test_private_routes_want_a_session_that_lives(world: World, caller: Caller) -> None:
    ended = (await world.person("ended")).token
    await world.rows("DELETE FROM sessions s USING people p WHERE p.id = s.person_id")
    old = (await world.person("old")).token
    world.clock.move(days=30)
    before = await world.snapshot()
    for token in ("", "wrong", ended, old, "\xff\xfe", "x" * 5000, f"{ended}\t", f'"{ended}"'):
        for headers in ({"Authorization": f"Bearer {token}"}, {"Cookie": f"chat_session={token}"}):
            for route in PRIVATE:
                answer = await caller.of(route, headers=headers)
                assert answer == (401, "unauthenticated"), (route.name, headers)
    assert await world.snapshot() == before


async def test_somebody_suspended_is_refused(world: World, node: Node) -> None:
    sol = await world.person("sol")
    async with (await world.database()).transaction() as conn:
        await accounts.set_suspended(conn, sol.id, True, world.clock())
    who = Caller(await world.http(sol.token), node)
    before = await world.snapshot()
    for route in PRIVATE:
        assert await who.of(route) == (403, "suspended")
    assert await world.snapshot() == before


@pytest.mark.parametrize(
    "headers",
    [{"Origin": o} for o in ("https://elsewhere.example", "null", "http://[", "http://127.0.0.1")]
    + [{"Sec-Fetch-Site": "cross-site"}],
)
async def test_pages_from_elsewhere_change_nothing(
    world: World, caller: Caller, member: Caller, headers: dict[str, str]
) -> None:
    before = await world.snapshot()
    for route in CHANGING:
        for who in (caller, member):
            assert await who.of(route, headers=headers) == (403, "origin_refused"), route.name
    assert await world.snapshot() == before


PARTS = (
    "%00", "%ff%fe", "%F0%9F%98%80", "%2e%2e", "..%2f..%2fetc", "a" * 7000, "%7B%7D", "-1", "*",
    "';DROP%20TABLE%20people;--", "00000000-0000-0000-0000-000000000000", "%25s%25n", "%0d%0aX:1",
)  # fmt: skip


@pytest.mark.parametrize("part", PARTS)
async def test_hostile_paths_lead_nowhere(world: World, member: Caller, part: str) -> None:
    before = await world.snapshot()
    for route in ROUTES:
        if "{" in route.path:
            options = {"data": body_of(route), "headers": JSON if route.body else {}}
            status, code = await member.refused(route.method, path_of(route, part), **options)
            assert status == 404
            assert code in {"not_found", "no_such_session", "invitation_invalid"}
    for path in (f"/api/{part}", f"/api/session/{part}", "/api/", "/api/session/"):
        assert await member.refused("GET", path) == (404, "not_found")
    assert await world.snapshot() == before


async def test_nobody_ends_the_session_of_somebody_else(world: World, member: Caller) -> None:
    rows = await world.rows(
        "SELECT s.id FROM sessions s JOIN people p ON p.id = person_id WHERE p.handle = 'robin'"
    )
    before = await world.snapshot()
    answer = await member.refused("DELETE", f"/api/sessions/{rows[0]['id']}")
    assert answer == (404, "no_such_session")
    assert await world.snapshot() == before
