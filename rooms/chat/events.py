"""What happened to messages. The text travels as ciphertext only."""

from dataclasses import dataclass

from people.ids import PersonId

from .model import Stored


@dataclass(frozen=True, slots=True)
class MessageAdded:
    """A new message, with the next `seq` of its room."""

    message: Stored


@dataclass(frozen=True, slots=True)
class MessageAltered:
    """A message's new state, with the next `revision` of its room. `by` caused it."""

    message: Stored
    by: PersonId
