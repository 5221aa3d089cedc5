"""What nodes hint at to each other, and how it looks on a channel."""

from functools import lru_cache
from uuid import UUID

import msgspec

from people.ids import PersonId
from rooms.chat.model import Stored
from rooms.ids import RoomId

PEOPLE = "chat:people"


class Hint(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Base of all hints."""


class Added(Hint, frozen=True, tag="n"):
    """A new message."""

    message: Stored


class Altered(Hint, frozen=True, tag="c"):
    """A message in its new state."""

    message: Stored
    by: PersonId


class RoomHint(Hint, frozen=True, tag="r"):
    """A room itself changed."""

    room: RoomId


class MembershipHint(Hint, frozen=True, tag="m"):
    """Somebody's place in a room changed."""

    room: RoomId
    person: PersonId


class ReadHint(Hint, frozen=True, tag="k"):
    """Somebody read further."""

    room: RoomId
    person: PersonId
    seq: int


class PersonHint(Hint, frozen=True, tag="p"):
    """Something of somebody changed."""

    person: PersonId


class Typing(Hint, frozen=True, tag="t"):
    """Somebody writes, or has stopped."""

    room: RoomId
    person: PersonId
    handle: str
    on: bool


class Present(Hint, frozen=True, tag="h"):
    """Who is here on one node. `ask`: the others should say so too."""

    node: UUID
    room: RoomId
    people: dict[PersonId, str]
    ask: bool


AnyHint = Added | Altered | RoomHint | MembershipHint | ReadHint | PersonHint | Typing | Present


class Envelope(msgspec.Struct, frozen=True, array_like=True):
    """Hints of one channel, in their order, with the node that they come from."""

    node: UUID
    hints: tuple[AnyHint, ...]


_decoder = msgspec.msgpack.Decoder(Envelope)
_encoder = msgspec.msgpack.Encoder()


@lru_cache(20_000)
def room_channel(room: UUID) -> str:
    """The channel of one room."""
    return f"chat:room:{room}"


class Post:
    """Writes one node's envelopes and opens those of the others."""

    def __init__(self, node: UUID) -> None:
        self._node = node
        self._mine = _encoder.encode(Envelope(node, ()))[:-1]

    def seal(self, hints: list[AnyHint]) -> bytes:
        """The hints of one channel as they travel."""
        return _encoder.encode(Envelope(self._node, tuple(hints)))

    def open(self, data: bytes) -> tuple[AnyHint, ...]:
        """The hints of another node; nothing when they are this node's own, which is seen by the
        first bytes. Raises msgspec.DecodeError."""
        return () if data.startswith(self._mine) else _decoder.decode(data).hints
