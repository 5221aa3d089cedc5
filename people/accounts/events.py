"""What happened to accounts."""

from dataclasses import dataclass

from people.ids import PersonId


@dataclass(frozen=True, slots=True)
class PersonChanged:
    """Roles, settings, blocks or sessions of somebody changed: drop what is cached of them."""

    person: PersonId
