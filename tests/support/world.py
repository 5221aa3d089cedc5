"""A community for one test: people, rooms, servers and clients, made as one goes."""

import asyncio
import json
import socket
import uuid
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import socketio

from chatserver.app import running
from chatserver.database import Database
from chatserver.keys import keyring_loader
from chatserver.node import Node
from chatserver.services import Addresses
from chatserver.settings import Settings
from people.accounts import service as accounts
from people.accounts import store as accounts_store
from people.ids import PersonId
from people.permissions import Relation, Role
from people.sessions import service as sessions
from rooms.directory import service as directory
from rooms.directory.model import Draft
from rooms.ids import RoomId
from rooms.vault.service import Vault

DEADLINE = 10.0
"""Seconds that a test waits for something to become true before it fails."""

Data = dict[str, Any]


class TestClock:
    """A clock that is moved by hand."""

    __test__ = False

    def __init__(self) -> None:
        self.time = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.time

    def move(self, **by: float) -> None:
        """Let time pass: move(days=2)."""
        self.time += timedelta(**by)


@dataclass
class TestPerson:
    """Somebody in the test, with a token to connect by."""

    __test__ = False

    id: PersonId
    handle: str
    token: str


@dataclass
class Client:
    """An official Python client and everything it was told, in order."""

    person: TestPerson
    sio: socketio.AsyncClient
    told: list[tuple[str, Data]] = field(default_factory=list)

    async def ask(self, event: str, body: Any = None, /, **fields: Any) -> Data:
        """Send a request; the whole answer."""
        payload = body if body is not None else {k: _plain(v) for k, v in fields.items()}
        answer: Data = await self.sio.call(event, payload, timeout=15)
        return answer

    async def do(self, event: str, /, **fields: Any) -> Data:
        """Send a request that is to succeed; its data."""
        answer = await self.ask(event, **fields)
        assert answer["ok"], (event, answer)
        data: Data = answer["data"]
        return data

    async def refused(self, event: str, /, **fields: Any) -> str:
        """Send a request that is to be refused; its code."""
        answer = await self.ask(event, **fields)
        assert not answer["ok"], (event, answer)
        code: str = answer["error"]["code"]
        return code

    async def say(self, room: RoomId, text: str, **fields: Any) -> Data:
        """Send a message with a fresh key."""
        return await self.do("message:send", room=room, key=uuid.uuid4(), text=text, **fields)

    def heard(self, name: str) -> list[Data]:
        """The bodies of an event so far."""
        return [body for event, body in self.told if event == name]

    def texts(self) -> list[str | None]:
        """The texts of new messages so far, in order."""
        return [body.get("text") for body in self.heard("message:new")]

    async def until(self, true: Callable[["Client"], Any]) -> Any:
        """Wait until something is true of what was told."""
        return await until(lambda: true(self))


_EVERYTHING = 'SELECT t::text AS row FROM "{}" t ORDER BY 1'


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, uuid.UUID) else value


async def until(true: Callable[[], Any], seconds: float = DEADLINE) -> Any:
    """Wait until something holds, and answer it; fail at the deadline."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while not (found := true()):
        assert loop.time() < deadline, "did not come true in time"
        await asyncio.sleep(0.005)
    return found


class World:
    """Use as a fixture; everything made here ends with the test."""

    def __init__(self, addresses: Addresses, folder: Path, stack: AsyncExitStack) -> None:
        self.addresses = addresses
        self.folder = folder
        self.clock = TestClock()
        self._stack = stack
        self.settings: dict[str, Any] = {
            "message_burst": 1e6,
            "message_rate": 1e6,
            "event_burst": 1e6,
            "event_rate": 1e6,
            "connections_per_person": 100,
            "shutdown_seconds": 1,
        }
        self.vault = Vault(keyring_loader(self._settings(8080)))
        self._database: Database | None = None

    def _settings(self, port: int) -> Settings:
        return Settings(port=port, data_dir=self.folder, **self.settings)

    async def database(self) -> Database:
        """A pool of the test's own."""
        if self._database is None:
            self._database = await self._stack.enter_async_context(
                Database.open(
                    self.addresses.database_url,
                    size=4,
                    statement_cache=self.settings.get("statement_cache", 256),
                )
            )
        return self._database

    async def node(self, **settings: Any) -> Node:
        """Start a server of the community; end it with the test or by `stop`."""
        self.settings |= settings
        listener = socket.create_server(("127.0.0.1", 0))
        node_settings = self._settings(listener.getsockname()[1])
        return await self._stack.enter_async_context(
            running(node_settings, self.addresses, listener, self.clock)
        )

    async def person(self, handle: str, *roles: Role, password: str | None = None) -> TestPerson:
        """Make somebody, signed in."""
        async with (await self.database()).transaction() as conn:
            await accounts_store.open_community(conn, "Test", sample=False, now=self.clock())
            await accounts_store.finish_setup(conn, "Test")
            person = await accounts.create_person(conn, handle, password, Role.MEMBER, self.clock())
            for role in roles:
                await accounts_store.grant(conn, person, role, self.clock())
            made = await sessions.start(conn, person, "", self.clock())
        return TestPerson(person, handle, made.token)

    async def room(
        self, name: str, *members: TestPerson, facilitator: TestPerson | None = None, **draft: Any
    ) -> RoomId:
        """Make a room with people in it."""
        async with (await self.database()).transaction() as conn:
            room = await directory.create(
                conn, None, Draft(name, **draft), self.vault, self.clock()
            )
            for member in members:
                await directory.appoint(conn, member.id, room, Relation.MEMBER, self.clock())
            if facilitator is not None:
                await directory.appoint(
                    conn, facilitator.id, room, Relation.FACILITATOR, self.clock()
                )
        return room

    async def client(self, node: Node, person: TestPerson, **options: Any) -> Client:
        """Connect somebody with the official client."""
        sio = socketio.AsyncClient(reconnection=options.pop("reconnection", False))
        client = Client(person, sio)
        sio.on("*", lambda event, body: client.told.append((event, body)))
        await sio.connect(
            node.settings.url,
            auth={"token": person.token},
            transports=options.pop("transports", ["websocket"]),
        )
        self._stack.push_async_callback(sio.disconnect)
        return client

    async def http(self, token: str | None = None) -> aiohttp.ClientSession:
        """An HTTP client; with a token it is signed in."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        jar = aiohttp.CookieJar(unsafe=True)
        return await self._stack.enter_async_context(
            aiohttp.ClientSession(headers=headers, cookie_jar=jar)
        )

    async def rows(self, sql: str, *args: Any) -> list[Data]:
        """Look into the database."""
        async with (await self.database()).connection() as conn:
            return [dict(row) for row in await conn.fetch(sql, *args)]

    async def snapshot(self) -> str:
        """Everything stored, for showing that nothing changed."""
        tables = await self.rows(
            "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
        )
        found = {t["name"]: await self.rows(_EVERYTHING.format(t["name"])) for t in tables}
        return json.dumps(found, default=str)
