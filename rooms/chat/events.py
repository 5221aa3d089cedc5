"""What happened to messages."""

from msgspec import Struct

from people.ids import PersonId

from .model import Stored


class MessageAdded(Struct, frozen=True):
    """A new message, with the next `seq` of its room. `text` is for this process alone: between
    nodes the message crosses as it is stored."""

    message: Stored
    text: str


class MessageAltered(Struct, frozen=True):
    """A message's new state, with the next `revision` of its room. `by` caused it."""

    message: Stored
    by: PersonId
