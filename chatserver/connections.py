"""The connections of this node, by person."""

from collections import defaultdict
from collections.abc import Iterator

from people.ids import PersonId

from .errors import TooManyConnections
from .metrics import Metrics
from .protocol.common import Wire
from .socket.connection import Connection
from .socket.outbox import Packet


class Connections:
    """Who is connected here."""

    def __init__(self, metrics: Metrics, per_person: int) -> None:
        self._metrics = metrics
        self._per_person = per_person
        self._by_sid: dict[str, Connection] = {}
        self._by_person: defaultdict[PersonId, dict[str, Connection]] = defaultdict(dict)

    def __len__(self) -> int:
        return len(self._by_sid)

    def __iter__(self) -> Iterator[Connection]:
        return iter(list(self._by_sid.values()))

    def get(self, sid: str | None) -> Connection | None:
        """The signed-in connection of that id."""
        return self._by_sid.get(sid) if sid else None

    def add(self, connection: Connection) -> None:
        """Somebody came. Raises TooManyConnections."""
        own = self._by_person[connection.person]
        if len(own) >= self._per_person:
            raise TooManyConnections
        own[connection.sid] = self._by_sid[connection.sid] = connection
        self._metrics.connections.set(len(self._by_sid))

    def remove(self, sid: str) -> Connection | None:
        """Somebody went."""
        connection = self._by_sid.pop(sid, None)
        if connection is not None:
            own = self._by_person[connection.person]
            own.pop(sid, None)
            if not own:
                del self._by_person[connection.person]
            self._metrics.connections.set(len(self._by_sid))
        return connection

    def of(self, person: PersonId) -> list[Connection]:
        """Somebody's connections here."""
        return list(self._by_person[person].values()) if person in self._by_person else []

    def people(self) -> set[PersonId]:
        """Who is connected here."""
        return set(self._by_person)

    def tell(self, person: PersonId, name: str, body: Wire) -> None:
        """Tell every device of somebody."""
        packet = Packet.event(name, body)
        for connection in self.of(person):
            connection.push(packet)
