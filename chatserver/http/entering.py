"""Routes that let somebody in: set-up, sign-in, links, invitations. They only translate."""

from aiohttp import web

from chatserver import views
from chatserver.protocol import http as wire
from people.accounts import service as accounts
from people.accounts import store as accounts_store
from people.accounts.errors import InvitationInvalid, SignInRefused
from people.accounts.passwords import password_matches
from people.permissions import Principal, Role
from people.sessions import service as sessions
from people.sessions.errors import NotSignedIn
from people.sessions.model import LIFETIME

from .answers import done
from .call import Call
from .requests import COOKIE, address_of


async def _signed_in(call: Call, who: Principal) -> web.Response:
    """A session for somebody, its token in the answer and in a cookie no script can read."""
    async with call.node.database.transaction() as conn:
        agent = call.request.headers.get("User-Agent", "")
        made = await sessions.start(conn, who.id, agent, call.now)
    response = done(wire.SignedIn(token=made.token, person=views.me(who)))
    response.set_cookie(
        COOKIE,
        made.token,
        max_age=int(LIFETIME.total_seconds()),
        httponly=True,
        secure=call.node.settings.secure,
        samesite="Strict",
        path="/",
    )
    return response


async def setup(call: Call) -> web.Response:
    """The first admin."""
    body: wire.SetUp = call.body
    async with call.node.database.transaction() as conn:
        person = await accounts.set_up(
            conn, body.code, body.community, body.handle, body.password, call.now
        )
        who = await accounts_store.principal(conn, person)
    return await _signed_in(call, _there(who))


def _there(who: Principal | None) -> Principal:
    if who is None:
        raise NotSignedIn
    return who


async def verified(call: Call, handle: str, password: str) -> Principal:
    """Whom a handle and a password belong to. Nothing is held while the password is verified.

    Raises SignInThrottled, SignInRefused, Suspended.
    """
    address, secret = address_of(call.request, call.node.settings), call.node.throttle_secret
    async with call.node.database.transaction() as conn:
        found = await accounts.begin_sign_in(conn, handle, address, secret, call.now)
    right = await password_matches(found.password_hash if found else None, password)
    if found is None or not right:
        raise SignInRefused
    async with call.node.database.transaction() as conn:
        return await accounts.finish_sign_in(conn, found, handle, address, secret, call.now)


async def sign_in(call: Call) -> web.Response:
    """A handle and its password."""
    body: wire.SignIn = call.body
    return await _signed_in(call, await verified(call, body.handle, body.password))


async def sign_in_link(call: Call) -> web.Response:
    """A one-time link."""
    async with call.node.database.transaction() as conn:
        who = await accounts.use_link(conn, call.body.code, call.now)
    return await _signed_in(call, who)


async def invite(call: Call) -> web.Response:
    """Ask somebody in."""
    body: wire.InvitationCreate = call.body
    async with call.node.database.transaction() as conn:
        made = await accounts.invite(conn, call.who, Role(body.role), body.days, call.now)
    return done(
        wire.InvitationCreated(
            code=made.code,
            url=f"{call.node.settings.url}/join#{made.code}",
            expires_at=made.invitation.expires_at,
        )
    )


async def invitation(call: Call) -> web.Response:
    """What its holder may know before accepting."""
    async with call.node.database.transaction() as conn:
        found = await accounts.look_at_invitation(conn, call.request.match_info["code"], call.now)
        place = await accounts_store.community(conn)
    if place is None:
        raise InvitationInvalid
    return done(
        wire.Invitation(community=place.name, role=found.role.value, expires_at=found.expires_at)
    )


async def accept(call: Call) -> web.Response:
    """Accept an invitation."""
    body: wire.SignIn = call.body
    async with call.node.database.transaction() as conn:
        person = await accounts.accept_invitation(
            conn, call.request.match_info["code"], body.handle, body.password, call.now
        )
        who = await accounts_store.principal(conn, person)
    return await _signed_in(call, _there(who))
