"""A member with a good client: comes back by itself, resumes by `seq`, retries with the same key.

It drops nothing: what it was given is recorded as it came, for the checker.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import aiohttp
import socketio

from tests.faults.checker import Acknowledged, Connection, Told, View

Data = dict[str, Any]

ANSWER_SECONDS = 20.0
"""The server answers every request well before, even to say that it cannot do it."""
PAGE = 200


class LostError(Exception):
    """The connection is gone; whether the request was done is unknown."""


@dataclass(frozen=True)
class Spoken:
    """An acknowledged message, with its times on the loop's clock, and the node that took it."""

    what: Acknowledged
    node: int
    began: float
    ended: float


@dataclass
class Link:
    """One connection to one node."""

    sio: socketio.AsyncClient
    node: int
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    rooms: dict[str, Connection] = field(default_factory=dict)

    async def ask(
        self, name: str, body: Data, note: Callable[[Data], None] = lambda _data: None
    ) -> Data:
        """Send a request; the answer. `note` is called at the answer's turn among the events.

        Raises LostError.
        """
        answer: asyncio.Future[Data] = asyncio.get_running_loop().create_future()

        def take(found: Data) -> None:
            if found["ok"]:
                note(found["data"])
            answer.set_result(found)

        try:
            await self.sio.emit(name, body, callback=take)
        except socketio.exceptions.SocketIOError as error:
            raise LostError from error
        gone = asyncio.ensure_future(self.gone.wait())
        either: set[asyncio.Future[Any]] = {answer, gone}
        await asyncio.wait(either, timeout=ANSWER_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        gone.cancel()
        if answer.done():
            return answer.result()
        assert self.gone.is_set(), f"{name} was not answered within {ANSWER_SECONDS} s"
        raise LostError


class Member:
    """One person with one device, at home on one node and welcome on all."""

    def __init__(
        self, handle: str, token: str, urls: Sequence[str], home: int, rooms: Sequence[str]
    ) -> None:
        self.handle, self._token = handle, token
        self._urls, self.home, self._rooms = urls, home, rooms
        self._link: Link | None = None
        self._here = asyncio.Event()
        self.views = {room: View(handle, room, []) for room in rooms}
        self.position = dict.fromkeys(rooms, 0)
        self._have: dict[str, set[int]] = {room: set() for room in rooms}
        self.arrived: dict[str, float] = {}
        self.refusals: list[Data] = []
        self.goodbyes: list[Data] = []

    @property
    def node(self) -> int | None:
        """The node where this member is at the moment, with all rooms joined."""
        return self._link.node if self._link is not None and self._here.is_set() else None

    async def stay(self) -> None:
        """Be connected, coming back again and again, until cancelled."""
        for attempt in count(self.home):  # the next node may be alive
            with suppress(LostError, socketio.exceptions.ConnectionError):
                await self._visit(attempt % len(self._urls))
            await asyncio.sleep(0.05)

    async def drop(self) -> None:
        """Lose the connection as in a tunnel: nobody says goodbye."""
        if self._link is not None:
            await self._link.sio.eio.http.close()

    async def _visit(self, node: int) -> None:
        sio = socketio.AsyncClient(reconnection=False, handle_sigint=False)
        link = Link(sio, node)
        sio.on("disconnect", lambda *_reason: link.gone.set())
        sio.on("message:new", lambda body: self._heard(link, body))
        sio.on("server:goodbye", self.goodbyes.append)
        try:
            await sio.connect(
                self._urls[node],
                auth={"token": self._token},
                transports=["websocket"],
                wait_timeout=5,
            )
            for room in self._rooms:
                await self._resume(link, room)
            self._link = link
            self._here.set()
            await link.gone.wait()
        finally:
            self._here.clear()
            await _leave(sio)

    async def _resume(self, link: Link, room: str) -> None:
        """Join, and ask for what was missed, page by page."""
        connection = link.rooms[room] = Connection()
        self.views[room].connections.append(connection)  # type: ignore[attr-defined]  # a list

        def joined(data: Data) -> None:
            connection.last_seq = data["last_seq"]
            paged(data)

        def paged(data: Data) -> None:
            for message in data["messages"]:
                connection.paged.append(self._take(room, message))

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
        link.rooms[room].live.append(self._take(room, body))

    def _take(self, room: str, message: Data) -> Told:
        """Note a message, and how far the view is whole."""
        self.arrived.setdefault(message["id"], asyncio.get_running_loop().time())
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


async def _leave(sio: socketio.AsyncClient) -> None:
    """Let go of a connection in whatever state it is."""
    with suppress(TimeoutError, aiohttp.ClientError, socketio.exceptions.SocketIOError):
        async with asyncio.timeout(2):
            await sio.disconnect()
    if sio.eio.http is not None:
        await sio.eio.http.close()
