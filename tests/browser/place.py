"""People and rooms for one test, and what somebody does in front of the screen."""

import http.client
import itertools
import json
import re
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Locator, Page, Route, expect

from .server import Server

PASSWORD = "kettle lamp window nine"
NEUTRAL = "https://www.bbc.com/weather"
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}

_numbers = itertools.count(1)

expect.set_options(timeout=10_000)


@dataclass(frozen=True)
class Somebody:
    """A person made for one test."""

    id: str
    handle: str
    token: str


class Place:
    """Makes people and rooms on the server."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._facilitator = server.tokens["moderator"]

    def http(self, method: str, path: str, body: Any = None, token: str = "") -> dict[str, Any]:
        """A plain request; its data."""
        address = urlsplit(self.server.url)
        connection = http.client.HTTPConnection(address.netloc, timeout=20)
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        connection.request(method, path, json.dumps(body) if body else None, headers)
        answer = json.loads(connection.getresponse().read())
        connection.close()
        assert answer["ok"], (path, answer)
        data: dict[str, Any] = answer["data"]
        return data

    def invitation(self, role: str = "member") -> str:
        """The code of a fresh invitation."""
        body = {"role": role}
        made = self.http("POST", "/api/invitations", body, self.server.tokens["admin"])
        code: str = made["code"]
        return code

    def person(self, name: str, role: str = "member") -> Somebody:
        """Somebody new, whose handle begins with the name."""
        handle = f"{name}{next(_numbers)}{uuid.uuid4().hex[:4]}"
        path = f"/api/invitations/{self.invitation(role)}/accept"
        done = self.http("POST", path, {"handle": handle, "password": PASSWORD})
        return Somebody(done["person"]["id"], handle, done["token"])

    def room(self, *people: Somebody, name: str = "The Porch", **more: Any) -> str:
        """A new room with these people in it."""
        [made] = self.ask(self._facilitator, ("room:create", {"name": name, **more}))
        room: str = made["info"]["id"]
        for somebody in people:
            self.ask(somebody.token, ("room:join", {"room": room, "agree": True}))
        return room

    def say(self, somebody: Somebody, room: str, *texts: str) -> None:
        """Somebody writes, not from the browser."""
        messages = [{"room": room, "key": str(uuid.uuid4()), "text": text} for text in texts]
        self.ask(somebody.token, *(("message:send", message) for message in messages))

    def texts(self, somebody: Somebody, room: str) -> list[str | None]:
        """What the server holds of a room."""
        after = {"room": room, "after": 0, "limit": 200}
        [page] = self.ask(somebody.token, ("message:since", after))
        return [message.get("text") for message in page["messages"]]

    def ask(self, token: str, *requests: tuple[str, dict[str, Any]]) -> list[dict[str, Any]]:
        return self.server.wire.ask(token, *requests)


class Visit:
    """One browser of one person. It notes whatever the page complains of."""

    def __init__(
        self,
        browser: Browser,
        url: str,
        token: str | None,
        *,
        size: dict[str, int] = PHONE,
        locale: str = "en-GB",
        **options: Any,
    ) -> None:
        self.url = url
        self.complaints: list[str] = []
        phone = size["width"] < 600
        self.context = browser.new_context(
            base_url=url,
            viewport=size,  # type: ignore[arg-type]  # a plain dict is what it is
            locale=locale,
            is_mobile=phone and not options.pop("keyboard", False),
            has_touch=phone,
            **options,
        )
        self.context.route(re.compile(r"^https://"), self._outside)
        if token:
            self.context.add_cookies([{"name": "chat_session", "value": token, "url": url}])
        self.page = self.tab()

    def tab(self) -> Page:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self._console(said.type, said.text))
        return page

    def _console(self, kind: str, text: str) -> None:
        # A lost line and a refused sign-in are part of some tests; the browser notes both.
        expected = "Failed to load resource" in text or "WebSocket connection" in text
        if kind == "error" and not expected:
            self.complaints.append(text)

    def _outside(self, route: Route) -> None:
        """Nothing leaves this machine."""
        if route.request.url == NEUTRAL:
            page = "<!doctype html><title>Weather</title><p>Sunny</p>"
            route.fulfill(status=200, content_type="text/html", body=page)
        else:
            route.abort()

    def enter(self, room: str) -> "Visit":
        """Open a room and wait until it is live."""
        self.page.goto(f"/room/{room}")
        expect(self.page.get_by_text("Connected")).to_be_visible()
        expect(self.box).to_be_visible()
        expect(self.page.get_by_text("Opening the room")).to_have_count(0)
        return self

    @property
    def box(self) -> Locator:
        return self.page.get_by_role("textbox", name="Write a message")

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("list", name="Messages")

    def say(self, text: str) -> None:
        self.box.fill(text)
        self.page.get_by_role("button", name="Send").click()

    def message(self, text: str) -> Locator:
        return self.log.get_by_role("listitem").filter(has_text=text)

    def act(self, text: str, action: str) -> None:
        """Choose something from a message's sheet."""
        # An answer quotes what it answers, so the words may stand twice: the first is the message.
        self.message(text).first.get_by_role("button", name="What you can do").click()
        self.page.get_by_role("dialog").get_by_role("button", name=action).click()

    def confirm(self, action: str) -> None:
        self.page.get_by_role("dialog").get_by_role("button", name=action).click()

    def close(self) -> None:
        self.context.close()
