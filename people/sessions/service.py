"""What can be done with sessions. The caller commits, then publishes the events."""

from datetime import datetime

from people.accounts import store as accounts
from people.accounts.events import PersonChanged
from people.accounts.rules import check_active
from people.connection import Conn
from people.ids import PersonId, SessionId, new_uuid
from people.permissions import Principal
from people.tokens import new_token, token_hash

from . import store
from .errors import NoSuchSession, NotSignedIn
from .model import LIFETIME, NewSession, Session
from .rules import device_name, is_live, wants_seen


async def start(conn: Conn, person: PersonId, user_agent: str, now: datetime) -> NewSession:
    """Sign somebody in on a device."""
    session = Session(
        SessionId(new_uuid()), person, device_name(user_agent), now, now, now + LIFETIME
    )
    token = new_token()
    await store.insert(conn, session, token_hash(token))
    return NewSession(token, session)


async def resume(conn: Conn, token: str, now: datetime) -> tuple[Session, Principal]:
    """Who a token stands for. Raises NotSignedIn, Suspended."""
    found = await store.by_token(conn, token_hash(token))
    if found is None or not is_live(found[0], now):
        raise NotSignedIn
    session, who = found
    check_active(who)
    if wants_seen(session, now):
        await store.seen(conn, session.id, now, now + LIFETIME)
    return session, who


async def end(conn: Conn, who: Principal, session: SessionId) -> list[PersonChanged]:
    """Sign one device out. Raises NoSuchSession."""
    if not await store.delete(conn, who.id, session):
        raise NoSuchSession
    await accounts.touch(conn, who.id)
    return [PersonChanged(who.id)]


async def end_all(
    conn: Conn, person: PersonId, but: SessionId | None = None
) -> list[PersonChanged]:
    """Sign out everywhere, or everywhere but here."""
    await store.delete_all(conn, person, but)
    await accounts.touch(conn, person)
    return [PersonChanged(person)]
