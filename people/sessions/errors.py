"""Every refusal of this slice."""

from people.refusal import Kind, Refusal


class NotSignedIn(Refusal):
    """Please sign in first."""

    code = "unauthenticated"
    kind = Kind.UNAUTHENTICATED


class NoSuchSession(Refusal):
    """This session has ended already."""

    code = "no_such_session"
    kind = Kind.NOT_FOUND
