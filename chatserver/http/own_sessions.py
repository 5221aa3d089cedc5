"""Routes on one's own sessions: who I am, where I am signed in, and how that ends."""

from uuid import UUID

from aiohttp import web

from chatserver import views
from chatserver.protocol import http as wire
from chatserver.protocol.common import Empty
from chatserver.protocol.routes import MeAnswer
from people.accounts import service as accounts
from people.accounts import store as accounts_store
from people.ids import SessionId
from people.sessions import service as sessions
from people.sessions import store as sessions_store
from people.sessions.errors import NoSuchSession, NotSignedIn

from .answers import done
from .call import Call
from .entering import verified
from .requests import COOKIE, token_of


async def me(call: Call) -> web.Response:
    """Who I am."""
    return done(MeAnswer(person=views.me(call.who)))


async def sign_out(call: Call) -> web.Response:
    """End this session, if there is one; the cookie goes in any case."""
    token = token_of(call.request)
    if token:
        try:
            async with call.node.database.transaction() as conn:
                session, who = await sessions.resume(conn, token, call.now)
                events = await sessions.end(conn, who, session.id)
            call.node.publisher.publish(events)
        except (NotSignedIn, NoSuchSession):
            pass
    response = done(Empty())
    response.del_cookie(COOKIE, path="/", samesite="Strict", httponly=True)
    return response


async def list_sessions(call: Call) -> web.Response:
    """Where I am signed in."""
    async with call.node.database.connection() as conn:
        found = await sessions_store.of_person(conn, call.who.id, call.now)
    here = call.session.id if call.session else None
    return done(
        wire.Sessions(
            sessions=[
                wire.Session(
                    id=s.id,
                    device=s.device,
                    created_at=s.created_at,
                    last_seen_at=s.last_seen_at,
                    current=s.id == here,
                )
                for s in found
            ]
        )
    )


async def end_session(call: Call) -> web.Response:
    """Sign one device out."""
    try:
        session = SessionId(UUID(call.request.match_info["id"]))
    except ValueError:
        raise NoSuchSession from None
    async with call.node.database.transaction() as conn:
        events = await sessions.end(conn, call.who, session)
    call.node.publisher.publish(events)
    return done(Empty())


async def end_sessions(call: Call) -> web.Response:
    """Sign out everywhere, here too."""
    async with call.node.database.transaction() as conn:
        events = await sessions.end_all(conn, call.who.id)
    call.node.publisher.publish(events)
    response = done(Empty())
    response.del_cookie(COOKIE, path="/", samesite="Strict", httponly=True)
    return response


async def password(call: Call) -> web.Response:
    """A new password; every other device is signed out. Somebody who came by a link and has
    none yet need not give one."""
    body: wire.PasswordChange = call.body
    async with call.node.database.connection() as conn:
        has_one = await accounts_store.has_password(conn, call.who.id)
    if has_one:
        await verified(call, call.who.handle, body.current)
    hashed = await accounts.new_password(call.who, body.new)
    here = call.session.id if call.session else None
    async with call.node.database.transaction() as conn:
        await accounts_store.set_password(conn, call.who.id, hashed)
        events = await sessions.end_all(conn, call.who.id, but=here)
    call.node.publisher.publish(events)
    return done(Empty())
