"""Accounts over HTTP: invitation, sign-in, throttling, sessions, first run."""

from typing import Any

import aiohttp

from people.accounts import service as accounts
from people.permissions import Role
from tests.support.world import World, until

PASSWORD = "three plain words"


async def post(
    http: aiohttp.ClientSession, url: str, body: dict[str, Any] | None = None, method: str = "POST"
) -> tuple[int, dict[str, Any]]:
    async with http.request(method, url, json=body) as response:
        return response.status, await response.json()


async def test_an_invitation_lets_one_person_in_once(world: World) -> None:
    admin = await world.person("noor", Role.ADMIN)
    url = (await world.node()).settings.url
    http = await world.http(admin.token)
    _, made = await post(http, f"{url}/api/invitations", {"role": "peer"})
    code = made["data"]["code"]
    assert made["data"]["url"] == f"{url}/join#{code}"

    guest = await world.http()
    async with guest.get(f"{url}/api/invitations/{code}") as response:
        assert (await response.json())["data"]["role"] == "peer"
    accept = f"{url}/api/invitations/{code}/accept"
    status, weak = await post(guest, accept, {"handle": "alma", "password": "short"})
    assert (status, weak["error"]["code"]) == (400, "password_too_short")
    status, taken = await post(guest, accept, {"handle": "NOOR", "password": PASSWORD})
    assert (status, taken["error"]["code"]) == (409, "handle_taken")
    status, done = await post(guest, accept, {"handle": "alma", "password": PASSWORD})
    assert status == 200
    assert done["data"]["person"]["roles"] == ["member", "peer"]
    status, again = await post(guest, accept, {"handle": "other", "password": PASSWORD})
    assert (status, again["error"]["code"]) == (404, "invitation_invalid")


async def test_members_and_moderators_invite_only_whom_they_may(world: World) -> None:
    member, moderator = await world.person("robin"), await world.person("kit", Role.MODERATOR)
    url = (await world.node()).settings.url + "/api/invitations"
    status, answer = await post(await world.http(member.token), url, {})
    assert (status, answer["error"]["code"]) == (403, "not_allowed")
    status, _ = await post(await world.http(moderator.token), url, {"role": "member"})
    assert status == 200
    status, _ = await post(await world.http(moderator.token), url, {"role": "moderator"})
    assert status == 403


async def test_signing_in_sets_a_cookie_that_no_script_can_read(world: World) -> None:
    await world.person("robin", password=PASSWORD)
    url = (await world.node()).settings.url
    http = await world.http()
    body = {"handle": "Robin", "password": PASSWORD}
    async with http.post(f"{url}/api/session", json=body) as response:
        assert response.status == 200
        cookie = response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    async with http.get(f"{url}/api/session") as response:
        assert (await response.json())["data"]["person"]["handle"] == "robin"
    status, _ = await post(http, f"{url}/api/session", method="DELETE")
    assert status == 200
    async with http.get(f"{url}/api/session") as response:
        assert response.status == 401


async def test_guessing_is_slowed_down_and_time_heals_it(world: World) -> None:
    await world.person("robin", password=PASSWORD)
    url = (await world.node()).settings.url + "/api/session"
    http = await world.http()
    for _ in range(5):
        status, answer = await post(http, url, {"handle": "robin", "password": "wrong guess"})
        assert (status, answer["error"]["code"]) == (401, "sign_in_refused")
    status, answer = await post(http, url, {"handle": "robin", "password": PASSWORD})
    assert (status, answer["error"]["code"]) == (429, "sign_in_throttled")
    assert answer["error"]["retry_after"] > 0
    world.clock.move(seconds=answer["error"]["retry_after"] + 1)
    status, _ = await post(http, url, {"handle": "robin", "password": PASSWORD})
    assert status == 200


async def test_an_unknown_handle_reads_like_a_wrong_password(world: World) -> None:
    await world.person("robin", password=PASSWORD)
    url = (await world.node()).settings.url + "/api/session"
    http = await world.http()
    known = await post(http, url, {"handle": "robin", "password": "wrong guess"})
    unknown = await post(http, url, {"handle": "nobody", "password": "wrong guess"})
    assert known == unknown


async def test_sessions_are_listed_and_ended_and_their_sockets_with_them(world: World) -> None:
    robin = await world.person("robin", password=PASSWORD)
    node = await world.node()
    url = node.settings.url
    phone = await world.client(node, robin)
    http = await world.http()
    agent = {"User-Agent": "Mozilla/5.0 (Android 14; Mobile) Firefox/130.0"}
    body = {"handle": "robin", "password": PASSWORD}
    async with http.post(f"{url}/api/session", json=body, headers=agent) as response:
        assert response.status == 200
    async with http.get(f"{url}/api/sessions") as response:
        listed = (await response.json())["data"]["sessions"]
    assert {s["device"] for s in listed} == {"Firefox, Android", "another device"}
    other = next(s["id"] for s in listed if not s["current"])
    status, _ = await post(http, f"{url}/api/sessions/{other}", method="DELETE")
    assert status == 200
    await phone.until(lambda c: c.heard("session:ended") == [{"reason": "signed_out"}])
    await until(lambda: not phone.sio.connected)
    async with http.get(f"{url}/api/session") as response:
        assert response.status == 200


async def test_a_new_password_ends_every_other_session(world: World) -> None:
    robin = await world.person("robin", password=PASSWORD)
    node = await world.node()
    elsewhere = await world.client(node, robin)
    http = await world.http()
    url = node.settings.url
    await post(http, f"{url}/api/session", {"handle": "robin", "password": PASSWORD})
    body = {"current": PASSWORD, "new": "four other plain words"}
    status, _ = await post(http, f"{url}/api/password", body)
    assert status == 200
    await until(lambda: not elsewhere.sio.connected)
    async with http.get(f"{url}/api/session") as response:
        assert response.status == 200


async def test_a_sign_in_link_works_once(world: World) -> None:
    robin = await world.person("robin")
    node = await world.node()
    async with node.database.transaction() as conn:
        code = await accounts.make_link(conn, robin.id, world.clock())
    http = await world.http()
    status, _ = await post(http, f"{node.settings.url}/api/session/link", {"code": code})
    assert status == 200
    status, answer = await post(http, f"{node.settings.url}/api/session/link", {"code": code})
    assert (status, answer["error"]["code"]) == (401, "link_invalid")


async def test_first_run_makes_one_admin_with_the_printed_code_only(world: World) -> None:
    node = await world.node()
    async with node.database.transaction() as conn:
        code = await accounts.open_setup(conn, world.clock())
    http = await world.http()
    url = f"{node.settings.url}/api/setup"
    body = {"community": "Harbour", "handle": "noor", "password": PASSWORD}
    status, answer = await post(http, url, body | {"code": "guessed"})
    assert (status, answer["error"]["code"]) == (403, "setup_refused")
    status, done = await post(http, url, body | {"code": code})
    assert done["data"]["person"]["roles"] == ["admin", "member"]
    status, answer = await post(http, url, body | {"code": code, "handle": "second"})
    assert status == 403
    async with http.get(f"{node.settings.url}/api/community") as response:
        known = (await response.json())["data"]
    assert known == {
        "name": "Harbour",
        "setup_needed": False,
        "languages": ["en", "es"],
        "source_url": "",
        "sample": False,
    }
