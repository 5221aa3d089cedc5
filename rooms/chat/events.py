"""What happened to messages."""

from dataclasses import dataclass

from people.ids import PersonId

from .model import Stored


@dataclass(frozen=True, slots=True)
class MessageAdded:
    """A new message, with the next `seq` of its room. `text` is for this process alone: between
    nodes the message crosses as it is stored."""

    message: Stored
    text: str


@dataclass(frozen=True, slots=True)
class MessageAltered:
    """A message's new state, with the next `revision` of its room. `by` caused it."""

    message: Stored
    by: PersonId
