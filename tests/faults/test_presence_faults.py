"""Who is here, when a node is gone without a word."""

from __future__ import annotations

import asyncio
from typing import Any

import socketio

from tests.faults.harness import Cluster
from tests.faults.server import frozen
from tests.support.world import until

REPEAT_SECONDS, FORGET_SECONDS = 0.5, 2.5
TELLING_SECONDS = 1.0
"""For settling, for the way to the client, and for a busy machine."""
SHORT = {
    "CHATSERVER_PRESENCE_REPEAT_SECONDS": str(REPEAT_SECONDS),
    "CHATSERVER_PRESENCE_FORGET_SECONDS": str(FORGET_SECONDS),
}


class Watcher:
    """A client that knows who is in a room, from the join and the events."""

    def __init__(self) -> None:
        self.sio = socketio.AsyncClient(reconnection=False)
        self.sio.on("presence:changed", self._note)
        self.here: set[str] = set()
        self.history: list[set[str]] = []

    def _note(self, body: dict[str, Any]) -> None:
        self.here = {person["handle"] for person in body["people"]}
        self.history.append(self.here)

    async def join(self, url: str, token: str, room: str) -> None:
        await self.sio.connect(url, auth={"token": token}, transports=["websocket"])
        assert (await self.sio.call("settings:set", {"presence_shown": True}))["ok"]
        answer = await self.sio.call("room:join", {"room": room, "agree": True})
        self._note({"people": answer["data"]["present"]})


async def joined(cluster: Cluster) -> tuple[list[Watcher], list[str]]:
    """The first four people: two on each node, in turn; all see all."""
    people = list(cluster.community.tokens.items())[:4]
    watchers = [Watcher() for _ in people]
    for number, (_, token) in enumerate(people):
        url = cluster.nodes[number % 2].url
        await watchers[number].join(url, token, cluster.community.rooms[0])
    handles = [handle for handle, _ in people]
    await until(lambda: all(watcher.here == set(handles) for watcher in watchers))
    return watchers, handles


async def leave(watchers: list[Watcher]) -> None:
    await asyncio.gather(*(watcher.sio.disconnect() for watcher in watchers))


async def test_whoever_was_on_a_killed_node_is_not_here_any_more(still: Cluster) -> None:
    await still.start(settings=SHORT)
    watchers, handles = await joined(still)
    left = watchers[1::2]
    for watcher in left:
        watcher.history.clear()
    await still.nodes[0].kill()
    rest = set(handles[1::2])
    await until(
        lambda: all(watcher.here == rest for watcher in left), FORGET_SECONDS + TELLING_SECONDS
    )
    assert all(watcher.history == [rest] for watcher in left)  # told once, and all at once
    await leave(watchers)


async def test_nobody_flickers_while_valkey_stands_still(still: Cluster) -> None:
    """Two repeats may be lost before anybody counts as gone; a node that stops says so."""
    await still.start(settings=SHORT)
    watchers, handles = await joined(still)
    for watcher in watchers:
        watcher.history.clear()
    loop = asyncio.get_running_loop()
    with frozen(still.valkey()):
        end = loop.time() + 2 * REPEAT_SECONDS
        await until(lambda: loop.time() > end)
    end = loop.time() + FORGET_SECONDS
    await until(lambda: loop.time() > end)
    assert all(watcher.here == set(handles) for watcher in watchers)
    assert not any(watcher.history for watcher in watchers)
    assert await still.nodes[0].end() == 0
    rest = set(handles[1::2])
    await until(lambda: all(watcher.here == rest for watcher in watchers[1::2]), FORGET_SECONDS / 2)
    await leave(watchers)
