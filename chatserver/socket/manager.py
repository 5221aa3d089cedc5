"""Which Socket.IO id belongs to which Engine.IO id. Rooms are ours (`chatserver.fanout`).

python-socketio's own manager looks through the rooms of all connections whenever one ends.
"""

from collections.abc import Iterable

import socketio

NAMESPACE = "/"


class OneNamespace(socketio.AsyncManager):  # type: ignore[misc]  # socketio carries no types
    """Stands where python-socketio keeps its connections; the names are its own.

    A connection is `half` while it signs in or leaves: it has an id and is not connected.
    """

    def __init__(self) -> None:
        super().__init__()
        self._engine_of: dict[str, str] = {}
        self._own_of: dict[str, str] = {}
        self._half: set[str] = set()

    def get_namespaces(self) -> Iterable[str]:
        """There is one."""
        return (NAMESPACE,)

    async def pre_connect(self, eio_sid: str, namespace: str) -> str | None:
        """An id for somebody who signs in; None when they have one."""
        if namespace != NAMESPACE or eio_sid in self._own_of:
            return None
        sid: str = self.server.eio.generate_id()
        self._engine_of[sid], self._own_of[eio_sid] = eio_sid, sid
        self._half.add(sid)
        return sid

    async def connect(self, sid: str, namespace: str) -> str:
        """They have signed in."""
        self._half.discard(sid)
        return sid

    def is_connected(self, sid: str | None, namespace: str) -> bool:
        """Whether they have signed in and not left."""
        return sid in self._engine_of and sid not in self._half

    def sid_from_eio_sid(self, eio_sid: str, namespace: str) -> str | None:
        """The Socket.IO id on an Engine.IO connection."""
        return self._own_of.get(eio_sid) if namespace == NAMESPACE else None

    def eio_sid_from_sid(self, sid: str, namespace: str) -> str | None:
        """The Engine.IO connection below."""
        return self._engine_of.get(sid)

    def pre_disconnect(self, sid: str, namespace: str) -> str | None:
        """They are leaving; the id stays until that is done."""
        self._half.add(sid)
        return self._engine_of.get(sid)

    async def disconnect(self, sid: str, namespace: str, **_: object) -> None:
        """They are gone."""
        self._half.discard(sid)
        eio_sid = self._engine_of.pop(sid, None)
        if eio_sid is not None:
            self._own_of.pop(eio_sid, None)
