"""Says whether the promise was kept, from what was recorded. Pure: facts in, sentences out.

The promise: a message that was acknowledged is stored, and everyone entitled to it sees it
exactly once, in the room's one order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Acknowledged:
    """A message that its sender was told is said."""

    room: str
    key: str
    seq: int
    id: str
    text: str


@dataclass(frozen=True)
class Row:
    """A message as it lies in the database."""

    room: str
    seq: int
    id: str
    key: str


@dataclass(frozen=True)
class Told:
    """A message as a client was given it."""

    seq: int
    id: str
    text: str | None


@dataclass
class Connection:
    """What one connection was given of one room: pages that it asked for, and live messages.

    `last_seq` is what the answer to the join said; None while there was none.
    """

    last_seq: int | None = None
    paged: list[Told] = field(default_factory=list)
    live: list[Told] = field(default_factory=list)


@dataclass(frozen=True)
class View:
    """All that one client was given of one room, connection by connection."""

    client: str
    room: str
    connections: Sequence[Connection]


def verdict(
    acknowledged: Sequence[Acknowledged], rows: Sequence[Row], views: Iterable[View]
) -> list[str]:
    """Every way in which the promise was broken; empty when it was kept."""
    rooms: dict[str, dict[int, Row]] = {}
    for row in rows:
        rooms.setdefault(row.room, {})[row.seq] = row
    texts = {said.id: said.text for said in acknowledged}
    broken = [*_store(rows, rooms), *_kept(acknowledged, rows)]
    for view in views:
        broken += _seen(view, rooms.get(view.room, {}), texts)
    return broken


def _store(rows: Sequence[Row], rooms: Mapping[str, Mapping[int, Row]]) -> Iterator[str]:
    """One order without holes, each place and each key once."""
    for room, stored in rooms.items():
        if sorted(stored) != list(range(1, len(stored) + 1)):
            yield f"room {room}: the order has holes: {_missing(stored)}"
    for what, count in Counter((row.room, row.seq) for row in rows).items():
        if count > 1:
            yield f"room {what[0]}: place {what[1]} is stored {count} times"
    for key, count in Counter(row.key for row in rows).items():
        if count > 1:
            yield f"key {key}: stored {count} times"


def _missing(places: Iterable[int]) -> list[int]:
    found = set(places)
    return sorted(set(range(1, max(found, default=0) + 1)) - found)[:10]


def _kept(acknowledged: Sequence[Acknowledged], rows: Sequence[Row]) -> Iterator[str]:
    """What was acknowledged is stored, at the place that was named."""
    by_key = {row.key: row for row in rows}
    for said in acknowledged:
        row = by_key.get(said.key)
        if row is None:
            yield f"key {said.key}: acknowledged as {said.seq}, and not stored"
        elif (row.room, row.seq, row.id) != (said.room, said.seq, said.id):
            yield f"key {said.key}: acknowledged as {said.seq}, and stored as {row.seq}"


def _seen(view: View, stored: Mapping[int, Row], texts: Mapping[str, str]) -> list[str]:
    """Everything exactly once over all of a client's connections, as it is stored."""
    who = f"{view.client} in {view.room}"
    broken: list[str] = []
    for number, connection in enumerate(view.connections):
        broken += _in_order(f"{who}, connection {number}", connection)
    told = [t for c in view.connections for t in (*c.paged, *c.live)]
    times = Counter(t.seq for t in told)
    if twice := sorted(seq for seq, count in times.items() if count > 1):
        broken.append(f"{who}: given more than once: {twice[:10]}")
    if never := sorted(stored.keys() - times.keys()):
        broken.append(f"{who}: never given: {never[:10]} of {len(stored)}")
    for message in told:
        row = stored.get(message.seq)
        if row is None or row.id != message.id:
            broken.append(f"{who}: place {message.seq} is not what is stored there")
        elif message.text != texts.get(message.id, message.text):
            broken.append(f"{who}: place {message.seq} has another text than was said")
    return broken


def _in_order(where: str, connection: Connection) -> Iterator[str]:
    """Live messages go on exactly where the answer to the join ended, one after the other."""
    seqs = [told.seq for told in connection.live]
    if not seqs:
        return
    if connection.last_seq is None:
        yield f"{where}: live messages before the answer to the join"
        return
    expected = list(range(connection.last_seq + 1, connection.last_seq + 1 + len(seqs)))
    if seqs != expected:
        place = next(i for i, (a, b) in enumerate(zip(seqs, expected, strict=True)) if a != b)
        yield f"{where}: live {seqs[place]} where {expected[place]} was next"
