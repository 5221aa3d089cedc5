"""Bodies of the HTTP interface: all that comes before a socket."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from .common import Handle, Language, Me, RoleName, Secret, Wire


class SignIn(Wire, frozen=True):
    """A handle and its password."""

    handle: Handle
    password: Secret


class SignInLink(Wire, frozen=True):
    """The one-time code of a sign-in link."""

    code: Secret


class SignedIn(Wire, frozen=True):
    """A session. The token is also set as an HttpOnly cookie."""

    token: str
    person: Me


class Session(Wire, frozen=True):
    """One place where I am signed in."""

    id: UUID
    device: str
    created_at: datetime
    last_seen_at: datetime
    current: bool


class Sessions(Wire, frozen=True):
    sessions: list[Session]


class InvitationCreate(Wire, frozen=True):
    """Ask somebody in. The one who accepts gets `role`."""

    role: RoleName = "member"
    days: Annotated[int, Meta(ge=1, le=90)] = 7


class InvitationCreated(Wire, frozen=True):
    code: str
    url: Annotated[str, Meta(description="Give this to one person; it works once.")]
    expires_at: datetime


class Invitation(Wire, frozen=True):
    """What somebody who holds an invitation may know before accepting."""

    community: str
    role: RoleName
    expires_at: datetime


class PasswordChange(Wire, frozen=True):
    """A new password ends every other session."""

    new: Secret
    current: Annotated[
        str, Meta(max_length=256, description="Left out by somebody who has none yet.")
    ] = ""


class SetUp(Wire, frozen=True):
    """First run: the code that the server printed, and the first admin."""

    code: Secret
    community: Annotated[str, Meta(min_length=1, max_length=80)]
    handle: Handle
    password: Secret


class Community(Wire, frozen=True):
    """What anybody may know of this server."""

    name: str
    setup_needed: bool
    languages: list[Language]
    source_url: Annotated[str, Meta(description="Where the source is; empty: not said.")]
    sample: Annotated[bool, Meta(description="A made-up community to try things in.")]


class Health(Wire, frozen=True):
    status: str
