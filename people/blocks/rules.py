"""Rules of blocks."""

from people.ids import PersonId
from people.permissions import Principal

from .errors import BlockSelf


def check_block(who: Principal, other: PersonId) -> None:
    """Anybody may block anybody else, staff included. Raises BlockSelf."""
    if who.id == other:
        raise BlockSelf
