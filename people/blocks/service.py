"""What can be done with blocks. The caller commits, then publishes the events."""

from datetime import datetime

from people.accounts import store as accounts
from people.accounts.events import PersonChanged
from people.connection import Conn
from people.ids import PersonId
from people.permissions import Action, Principal, require

from . import store
from .model import Blocked
from .rules import check_block


async def _touched(conn: Conn, *people: PersonId) -> list[PersonChanged]:
    await accounts.touch(conn, *people)
    return [PersonChanged(person) for person in people]


async def block(conn: Conn, who: Principal, other: PersonId, now: datetime) -> list[PersonChanged]:
    """From now on neither sees what the other says. Raises BlockSelf, BlockUnknown."""
    require(who, Action.BLOCK)
    check_block(who, other)
    await store.insert(conn, who.id, other, now)
    return await _touched(conn, who.id, other)


async def unblock(conn: Conn, who: Principal, other: PersonId) -> list[PersonChanged]:
    """Lift my block; theirs, if there is one, stays."""
    require(who, Action.BLOCK)
    await store.delete(conn, who.id, other)
    return await _touched(conn, who.id, other)


async def blocked(conn: Conn, who: Principal) -> list[Blocked]:
    """Whom I have blocked; never who has blocked me."""
    require(who, Action.SEE_OWN)
    return await store.of_person(conn, who.id)
