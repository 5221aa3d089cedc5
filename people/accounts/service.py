"""What can be done with accounts. The caller commits, then publishes the events."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from people.connection import Conn
from people.ids import PersonId
from people.permissions import Action, Principal, Role, require
from people.tokens import new_token, token_hash

from . import store
from .errors import (
    InvitationInvalid,
    LinkInvalid,
    NoSuchPerson,
    SetUpDone,
    SignInRefused,
)
from .events import PersonChanged
from .model import LINK_LIFETIME, Credentials, Invitation, NewInvitation
from .passwords import hash_password
from .rules import (
    FAILURE_WINDOW,
    check_active,
    check_may_invite,
    check_password,
    check_sign_in,
    community_name,
    handle_key,
    normal_handle,
)


async def person_by_handle(conn: Conn, handle: str) -> Principal:
    """Raises NoSuchPerson."""
    found = await store.principal_by_handle(conn, handle)
    if found is None:
        raise NoSuchPerson
    return found


async def create_person(
    conn: Conn, handle: str, password: str | None, role: Role, now: datetime
) -> PersonId:
    """A new account. Without a password only a sign-in link gets in.

    Raises HandleInvalid, HandleReserved, HandleTaken, PasswordTooShort, PasswordTooCommon.
    """
    shown = normal_handle(handle)
    hashed = None
    if password is not None:
        check_password(password, shown)
        hashed = await hash_password(password)
    person = await store.insert_person(conn, shown, hashed, now)
    await store.grant(conn, person, role, now)
    return person


async def invite(
    conn: Conn, who: Principal | None, role: Role, days: int, now: datetime
) -> NewInvitation:
    """Ask one person in. `who` is None for the command line. Raises NotAllowed."""
    if who is not None:
        check_may_invite(who, role)
    made = NewInvitation(new_token(), Invitation(role, now + timedelta(days=days)))
    await store.insert_invitation(
        conn, token_hash(made.code), made.invitation, who.id if who else None, now
    )
    return made


async def look_at_invitation(conn: Conn, code: str, now: datetime) -> Invitation:
    """What its holder may know. Raises InvitationInvalid."""
    found = await store.open_invitation(conn, token_hash(code), now)
    if found is None:
        raise InvitationInvalid
    return found


async def accept_invitation(
    conn: Conn, code: str, handle: str, password: str, now: datetime
) -> PersonId:
    """Become a member. Raises InvitationInvalid and what create_person raises."""
    invitation = await look_at_invitation(conn, code, now)
    person = await create_person(conn, handle, password, invitation.role, now)
    await store.use_invitation(conn, token_hash(code), person, now)
    return person


def _subjects(handle: str, address: str, secret: bytes) -> tuple[bytes, bytes]:
    def keyed(text: str) -> bytes:
        return hmac.digest(secret, text.encode("utf-8", "surrogatepass"), hashlib.sha256)

    return keyed(f"pair\0{handle_key(handle)}\0{address}"), keyed(f"address\0{address}")


async def begin_sign_in(
    conn: Conn, handle: str, address: str, secret: bytes, now: datetime
) -> Credentials | None:
    """First half of a sign-in: is another try allowed, and what is it checked against.

    The password itself is verified between the halves, with no connection held. Until then the
    try counts as failed, so that many at once gain nothing. `secret` keys the hashes by which
    failures are counted. Raises SignInThrottled.
    """
    pair, whole = _subjects(handle, address, secret)
    await store.lock_failures(conn, whole)
    check_sign_in(await store.failures(conn, pair, whole, now - FAILURE_WINDOW), now)
    await store.add_failures(conn, [pair, whole], now)
    return await store.credentials(conn, handle)


async def finish_sign_in(
    conn: Conn, found: Credentials, handle: str, address: str, secret: bytes, began: datetime
) -> Principal:
    """Second half when the password was right; `began` is the time of the first.

    Raises Suspended, SignInRefused.
    """
    pair, whole = _subjects(handle, address, secret)
    await store.clear_failures(conn, pair, whole, began)
    who = await store.principal(conn, found.person)
    if who is None:
        raise SignInRefused
    check_active(who)
    return who


async def make_link(conn: Conn, person: PersonId, now: datetime) -> str:
    """A code that signs somebody in once."""
    code = new_token()
    await store.insert_link(conn, token_hash(code), person, now + LINK_LIFETIME)
    return code


async def use_link(conn: Conn, code: str, now: datetime) -> Principal:
    """Raises LinkInvalid, Suspended."""
    person = await store.use_link(conn, token_hash(code), now)
    who = await store.principal(conn, person) if person else None
    if who is None:
        raise LinkInvalid
    check_active(who)
    return who


async def new_password(who: Principal, password: str) -> str:
    """The hash of a password to be. Raises PasswordTooShort, PasswordTooCommon."""
    check_password(password, who.handle)
    return await hash_password(password)


async def set_role(
    conn: Conn, person: PersonId, role: Role, on: bool, now: datetime
) -> list[PersonChanged]:
    """Grant or take back a role."""
    if on:
        await store.grant(conn, person, role, now)
    else:
        await store.revoke(conn, person, role)
    await store.touch(conn, person)
    return [PersonChanged(person)]


async def set_suspended(
    conn: Conn, person: PersonId, on: bool, now: datetime
) -> list[PersonChanged]:
    """Suspend an account or lift it; open connections end."""
    await store.set_suspended(conn, person, now if on else None)
    await store.touch(conn, person)
    return [PersonChanged(person)]


async def set_settings(
    conn: Conn,
    who: Principal,
    presence: bool | None,
    typing: bool | None,
    language: str | None,
) -> list[PersonChanged]:
    """Change one's own settings; None leaves one as it is."""
    require(who, Action.CHANGE_OWN)
    await store.set_settings(conn, who.id, presence, typing, language)
    return [PersonChanged(who.id)]


async def open_setup(conn: Conn, now: datetime) -> str | None:
    """A fresh set-up code while the community has no admin; an older one stops working. None
    once it was set up."""
    found = await store.open_community(conn, "Community", sample=False, now=now)
    if not found.setup_needed:
        return None
    code = secrets.token_hex(8)
    await store.put_setup_hash(conn, token_hash(code))
    return code


async def open_sample(conn: Conn, name: str, now: datetime) -> bool:
    """Open a sample community, or find it; whether it is one."""
    found = await store.open_community(conn, name, sample=True, now=now)
    if found.sample and found.setup_needed:
        await store.finish_setup(conn, name)
    return found.sample


async def set_up(
    conn: Conn, code: str, community: str, handle: str, password: str, now: datetime
) -> PersonId:
    """The first admin. Raises SetUpDone, CommunityNameEmpty and what create_person raises."""
    expected = await store.setup_hash(conn)
    if expected is None or not hmac.compare_digest(expected, token_hash(code)):
        raise SetUpDone
    name = community_name(community)
    person = await create_person(conn, handle, password, Role.ADMIN, now)
    await store.finish_setup(conn, name)
    return person
