"""A client that speaks Engine.IO and Socket.IO by hand, so that it can also speak them wrongly."""

import asyncio
import itertools
import json
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp
from aiohttp import AddrInfoType, WSMsgType

from chatserver.node import Node

from .world import DEADLINE, Data, TestPerson

_ACK = re.compile(r"43(\d+)\[", re.ASCII)
_PACKET = re.compile(r"4(\d)(.*)", re.ASCII | re.DOTALL)


def socket_url(node: Node | str, transport: str = "websocket") -> str:
    """Where the sockets of a node are, or those below an address."""
    url = node if isinstance(node, str) else node.settings.url
    return f"{url}/socket.io/?EIO=4&transport={transport}"


class Raw:
    """One WebSocket. What it is told is kept in order: acknowledgements, and all other packets."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self.ws = ws
        self.acks: dict[int, Data] = {}
        self.told: list[str] = []
        self._numbers = itertools.count(1000)

    async def send(self, *packets: str | bytes) -> None:
        """Send Engine.IO messages: text as it stands, bytes as a binary one."""
        for packet in packets:
            if isinstance(packet, bytes):
                await self.ws.send_bytes(packet)
            else:
                await self.frame(b"4" + packet.encode())

    async def frame(self, data: bytes, kind: WSMsgType = WSMsgType.TEXT) -> None:
        """Send a WebSocket frame, well-formed or not."""
        await self.ws.send_frame(data, kind)

    async def event(self, name: str, payload: str, *, kind: str = "2") -> int:
        """Send an event with a payload of raw JSON; the number of its acknowledgement."""
        number = next(self._numbers)
        await self.send(f"{kind}{number}[{json.dumps(name)},{payload}]")
        return number

    async def ask(self, name: str, payload: str = "{}", *, kind: str = "2") -> Data:
        """Send an event with a payload of raw JSON; the whole answer."""
        return await self.ack(await self.event(name, payload, kind=kind))

    async def ack(self, number: int) -> Data:
        """Wait for an acknowledgement."""
        async with asyncio.timeout(DEADLINE):
            while number not in self.acks:
                await self.read()
        return self.acks.pop(number)

    async def read(self) -> None:
        """Take one frame. Raises ConnectionError when there are no more."""
        frame = await self.ws.receive()
        if frame.type is not WSMsgType.TEXT:
            raise ConnectionError(self.ws.close_code)
        text: str = frame.data
        if text == "2":
            await self.ws.send_str("3")
        elif found := _ACK.match(text):
            (self.acks[int(found[1])],) = json.loads(text[found.end() - 1 :])
        else:
            self.told.append(text)

    async def next(self) -> str:
        """Wait for the next packet that is no acknowledgement."""
        async with asyncio.timeout(DEADLINE):
            while not self.told:
                await self.read()
        return self.told.pop(0)

    async def connect(self, auth: str = "", namespace: str = "") -> tuple[str, Any]:
        """Send a Socket.IO CONNECT with raw JSON; the answer's type and body."""
        await self.send(f"0{namespace}{auth}")
        found = _PACKET.fullmatch(await self.next())
        assert found, "no packet"
        kind, body = found.groups()
        return kind, json.loads(body.removeprefix(namespace))

    async def sign_in(self, person: TestPerson) -> None:
        """A Socket.IO CONNECT that is to succeed."""
        kind, body = await self.connect(json.dumps({"token": person.token}))
        assert kind == "0", body

    async def closed(self) -> int | None:
        """Wait until the server has ended it; the WebSocket's close code."""
        with suppress(ConnectionError):
            async with asyncio.timeout(DEADLINE):
                while True:
                    await self.read()
        return self.ws.close_code


def _narrow(address: AddrInfoType) -> socket.socket:
    """A socket that takes in little by itself, so that not reading is felt soon."""
    made = socket.socket(address[0], address[1], address[2])
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    return made


@asynccontextmanager
async def raw(
    node: Node | str, person: TestPerson | None = None, *, narrow: bool = False, **options: Any
) -> AsyncIterator[Raw]:
    """Open a connection; signed in, if somebody is named. `options` go to aiohttp."""
    connector = aiohttp.TCPConnector(socket_factory=_narrow if narrow else None)
    async with (
        aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as http,
        http.ws_connect(socket_url(node), max_msg_size=0, **options) as ws,
    ):
        client = Raw(ws)
        assert (await client.next()).startswith("0{")
        if person is not None:
            await client.sign_in(person)
        yield client


async def lives(client: Raw, person: TestPerson) -> None:
    """The connection still answers, as the same person."""
    answer = await client.ask("person:me")
    assert answer["ok"], answer
    assert answer["data"]["me"]["handle"] == person.handle
