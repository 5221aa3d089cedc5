"""Requests on oneself: settings and blocks."""

from chatserver import views
from chatserver.protocol import requests as wire
from chatserver.protocol.common import Empty
from chatserver.socket.handler import Context, handles
from people.accounts import service as accounts
from people.accounts import store as accounts_store
from people.blocks import service as blocks
from people.ids import PersonId
from people.sessions.errors import NotSignedIn


@handles(wire.PersonMe)
async def me(at: Context, _request: wire.PersonMe) -> wire.PersonMeAnswer:
    """Who I am, and my settings."""
    return wire.PersonMeAnswer(me=views.me(at.who))


@handles(wire.SettingsSet)
async def set_settings(at: Context, request: wire.SettingsSet) -> wire.PersonMeAnswer:
    """Change my settings."""
    async with at.node.database.transaction() as conn:
        events = await accounts.set_settings(
            conn, at.who, request.presence_shown, request.typing_shown, request.language
        )
        who = await accounts_store.principal(conn, at.who.id)
    at.node.publisher.publish(events)
    if who is None:
        raise NotSignedIn
    return wire.PersonMeAnswer(me=views.me(who))


@handles(wire.BlockList)
async def list_blocks(at: Context, _request: wire.BlockList) -> wire.BlockListed:
    """Whom I have blocked."""
    async with at.node.database.connection() as conn:
        found = await blocks.blocked(conn, at.who)
    return wire.BlockListed(people=[views.person(row) for row in found])


@handles(wire.BlockAdd)
async def add_block(at: Context, request: wire.BlockAdd) -> Empty:
    """Neither of us sees what the other says."""
    async with at.node.database.transaction() as conn:
        events = await blocks.block(conn, at.who, PersonId(request.person), at.now)
    for event in events:
        await at.node.freshness.renew_person(event.person)
    at.node.publisher.publish(events)
    return Empty()


@handles(wire.BlockRemove)
async def remove_block(at: Context, request: wire.BlockRemove) -> Empty:
    """Lift my block."""
    async with at.node.database.transaction() as conn:
        events = await blocks.unblock(conn, at.who, PersonId(request.person))
    for event in events:
        await at.node.freshness.renew_person(event.person)
    at.node.publisher.publish(events)
    return Empty()
