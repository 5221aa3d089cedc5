"""Somebody whom I have blocked."""

from dataclasses import dataclass

from people.ids import PersonId


@dataclass(frozen=True, slots=True)
class Blocked:
    """The person, as the list of blocks shows them."""

    id: PersonId
    handle: str
