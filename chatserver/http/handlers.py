"""Which function answers which route."""

from . import entering, own_sessions, status
from .call import RouteHandler

HANDLERS: dict[str, RouteHandler] = {
    "health": status.health,
    "ready": status.ready,
    "community": status.community,
    "setup": entering.setup,
    "sign_in": entering.sign_in,
    "sign_in_link": entering.sign_in_link,
    "me": own_sessions.me,
    "sign_out": own_sessions.sign_out,
    "sign_out_beacon": own_sessions.sign_out,
    "sessions": own_sessions.list_sessions,
    "end_session": own_sessions.end_session,
    "end_sessions": own_sessions.end_sessions,
    "password": own_sessions.password,
    "invite": entering.invite,
    "invitation": entering.invitation,
    "accept": entering.accept,
}
