"""Routes that anybody may ask: does the server live, can it serve, what is this place."""

from aiohttp import web

from chatserver.protocol import http as wire
from people.accounts import store as accounts_store

from .answers import done
from .call import Call


async def health(call: Call) -> web.Response:
    """The process lives."""
    return done(wire.Health(status="ok"))


async def ready(call: Call) -> web.Response:
    """The database answers. Redis may be away: rooms go on without it."""
    async with call.node.database.connection() as conn:
        await conn.fetchval("SELECT 1")
    return done(wire.Health(status="ok"))


async def community(call: Call) -> web.Response:
    """What anybody may know."""
    async with call.node.database.connection() as conn:
        found = await accounts_store.community(conn)
    return done(
        wire.Community(
            name=found.name if found else "",
            setup_needed=found is None or found.setup_needed,
            languages=["en", "es"],
            source_url=call.node.settings.source_url,
            sample=found is not None and found.sample,
        )
    )
