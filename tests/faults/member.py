"""A member with a good client: comes back by itself, resumes by `seq`, retries with the same key.

It drops nothing: what it was given is recorded as it came, for the checker.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count

import socketio

from tests.faults.checker import Acknowledged, Connection, Told, View
from tests.faults.link import Data, Link, LostError

ANSWER_SECONDS = 20.0
"""The server answers every request well before, even to say that it cannot do it."""
PAGE = 200


@dataclass(frozen=True)
class Spoken:
    """An acknowledged message, with its times on the loop's clock, and the node that took it."""

    what: Acknowledged
    node: int
    began: float
    ended: float


@dataclass(frozen=True)
class Arrival:
    """When a message came first, and since when the connection stood by which it came."""

    at: float
    connected: float


class Member:
    """One person with one device, at home on one node and welcome on all."""

    def __init__(
        self,
        handle: str,
        token: str,
        urls: Sequence[str],
        home: int,
        rooms: Sequence[str],
        patience: float = ANSWER_SECONDS,
    ) -> None:
        self.handle, self._token, self._patience = handle, token, patience
        self._urls, self.home, self._rooms = urls, home, rooms
        self._link: Link | None = None
        self._here = asyncio.Event()
        self.views = {room: View(handle, room, []) for room in rooms}
        self.position = dict.fromkeys(rooms, 0)
        self._have: dict[str, set[int]] = {room: set() for room in rooms}
        self.arrived: dict[str, Arrival] = {}
        self.refusals: list[Data] = []
        self.goodbyes: list[Data] = []

    @property
    def node(self) -> int | None:
        """The node where this member is at the moment, with all rooms joined."""
        return self._link.node if self._link is not None and self._here.is_set() else None

    @property
    def visits(self) -> int:
        """How many connections there were that came as far as to join."""
        return max(len(view.connections) for view in self.views.values())

    async def stay(self) -> None:
        """Be connected, coming back again and again, until cancelled."""
        for attempt in count(self.home):  # the next node may be alive
            with suppress(LostError):
                await self._visit(attempt % len(self._urls))
            await asyncio.sleep(0.05)

    async def drop(self) -> None:
        """Lose the connection, if there is one."""
        if self._link is not None:
            await self._link.drop()

    def doze(self) -> None:
        """Read nothing any more."""
        assert self._link is not None
        self._link.doze()

    def wake(self) -> None:
        """Read again."""
        assert self._link is not None
        self._link.wake()

    async def _visit(self, node: int) -> None:
        sio = socketio.AsyncClient(reconnection=False, handle_sigint=False)
        link = Link(sio, node, self._patience)
        sio.on("disconnect", lambda *_reason: link.gone.set())
        sio.on("message:new", lambda body: self._heard(link, body))
        sio.on("server:goodbye", self.goodbyes.append)
        try:
            await link.connect(self._urls[node], self._token)
            for room in self._rooms:
                await self._resume(link, room)
            self._link = link
            self._here.set()
            await link.gone.wait()
        finally:
            self._here.clear()
            await link.leave()

    async def _resume(self, link: Link, room: str) -> None:
        """Join, and ask for what was missed, page by page."""
        connection = link.rooms[room] = Connection()
        self.views[room].connections.append(connection)  # type: ignore[attr-defined]  # a list

        def joined(data: Data) -> None:
            connection.last_seq = data["last_seq"]
            paged(data)

        def paged(data: Data) -> None:
            for message in data["messages"]:
                connection.paged.append(self._take(link, room, message))

        body = {"room": room, "after": self.position[room], "agree": True}
        await self._insist(link, "room:join", body, joined)
        last = connection.last_seq or 0
        while (after := self.position[room]) < last:
            limit = min(PAGE, last - after)
            body = {"room": room, "after": after, "limit": limit}
            await self._insist(link, "message:since", body, paged)

    async def _insist(
        self, link: Link, name: str, body: Data, note: Callable[[Data], None] = lambda _data: None
    ) -> Data:
        """Ask until it is done, at the pace that the server asks for. Raises LostError."""
        while True:
            answer = await link.ask(name, body, note)
            if answer["ok"]:
                data: Data = answer["data"]
                return data
            error: Data = answer["error"]
            assert error["code"] == "unavailable", (name, error)
            self.refusals.append(error)
            await asyncio.sleep(error["retry_after"])

    def _heard(self, link: Link, body: Data) -> None:
        room = body["room"]
        link.rooms[room].live.append(self._take(link, room, body))

    def _take(self, link: Link, room: str, message: Data) -> Told:
        """Note a message, and how far the view is whole."""
        arrival = Arrival(asyncio.get_running_loop().time(), link.connected)
        self.arrived.setdefault(message["id"], arrival)
        have = self._have[room]
        have.add(message["seq"])
        while self.position[room] + 1 in have:
            self.position[room] += 1
        return Told(message["seq"], message["id"], message.get("text"))

    async def say(self, room: str, text: str) -> Spoken:
        """Say something, again and again with the same key, until it is acknowledged."""
        key, began = str(uuid.uuid4()), asyncio.get_running_loop().time()
        while True:
            await self._here.wait()
            assert self._link is not None
            link = self._link
            body = {"room": room, "key": key, "text": text}
            with suppress(LostError):
                sent = await self._insist(link, "message:send", body)
                said = Acknowledged(room, key, sent["seq"], sent["id"], text)
                return Spoken(said, link.node, began, asyncio.get_running_loop().time())
            await link.gone.wait()  # python-socketio tells of an end a moment after it refuses
            await asyncio.sleep(0)  # so that whoever waits for the same end may act on it
