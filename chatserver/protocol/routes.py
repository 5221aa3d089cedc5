"""Every HTTP route that answers JSON, in one place."""

from dataclasses import dataclass
from enum import StrEnum

from . import http
from .common import Empty, Me, Wire


class Access(StrEnum):
    """Who may call a route at all; what they may do there the permission table decides."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"


class MeAnswer(Wire, frozen=True):
    """Who I am."""

    person: Me


@dataclass(frozen=True, slots=True)
class Route:
    """One row: method and path, body and answer, and a sentence on what it is for."""

    name: str
    method: str
    path: str
    body: type[Wire] | None
    answer: type[Wire]
    access: Access
    summary: str


_P, _S = Access.PUBLIC, Access.SIGNED_IN

ROUTES = (
    Route("health", "GET", "/api/health", None, http.Health, _P, "The process lives."),
    Route("ready", "GET", "/api/ready", None, http.Health, _P, "The server can serve."),
    Route("community", "GET", "/api/community", None, http.Community, _P,
          "What anybody may know."),
    Route("setup", "POST", "/api/setup", http.SetUp, http.SignedIn, _P, "Make the first admin."),
    Route("sign_in", "POST", "/api/session", http.SignIn, http.SignedIn, _P, "Sign in."),
    Route("sign_in_link", "POST", "/api/session/link", http.SignInLink, http.SignedIn, _P,
          "Sign in by a one-time link."),
    Route("me", "GET", "/api/session", None, MeAnswer, _S, "Who I am."),
    Route("sign_out", "DELETE", "/api/session", None, Empty, _P, "Sign out here."),
    Route("sign_out_beacon", "POST", "/api/session/end", None, Empty, _P,
          "Sign out here, for a page that is closing."),
    Route("sessions", "GET", "/api/sessions", None, http.Sessions, _S, "Where I am signed in."),
    Route("end_session", "DELETE", "/api/sessions/{id}", None, Empty, _S,
          "Sign one device out."),
    Route("end_sessions", "DELETE", "/api/sessions", None, Empty, _S, "Sign out everywhere."),
    Route("password", "POST", "/api/password", http.PasswordChange, Empty, _S,
          "Change my password; other devices are signed out."),
    Route("invite", "POST", "/api/invitations", http.InvitationCreate, http.InvitationCreated,
          _S, "Ask somebody in."),
    Route("invitation", "GET", "/api/invitations/{code}", None, http.Invitation, _P,
          "What an invitation is for."),
    Route("accept", "POST", "/api/invitations/{code}/accept", http.SignIn, http.SignedIn, _P,
          "Accept an invitation."),
)  # fmt: skip
