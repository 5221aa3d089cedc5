"""Refusals of the process itself; each slice has its own."""

from people.refusal import Kind, Refusal


class Unavailable(Refusal):
    """The server cannot do this at the moment. What you wrote is kept; please try again."""

    code = "unavailable"
    kind = Kind.UNAVAILABLE


class InternalError(Refusal):
    """Something went wrong on our side. It has been noted, without what you wrote."""

    code = "internal_error"
    kind = Kind.UNAVAILABLE


class InvalidRequest(Refusal):
    """The request is not of the form that this server understands."""

    code = "invalid_request"

    def __init__(self, detail: str = "") -> None:
        """`detail` names a field and a type, never a value."""
        self.detail = detail
        super().__init__()

    @property
    def message(self) -> str:
        """The sentence for people, with the field that is wrong."""
        return f"{super().message} {self.detail}".strip()


class UnknownEvent(Refusal):
    """This server does not know such an event."""

    code = "unknown_event"


class BinaryRefused(Refusal):
    """Only text is accepted here, no binary data."""

    code = "binary_refused"


class TooManyRequests(Refusal):
    """That was a lot at once. Please wait a moment."""

    code = "rate_limited"
    kind = Kind.THROTTLED


class TooManyConnections(Refusal):
    """You are connected from many places already. Please close one of them."""

    code = "too_many_connections"
    kind = Kind.THROTTLED


class OriginRefused(Refusal):
    """This page may not talk to this server."""

    code = "origin_refused"
    kind = Kind.FORBIDDEN


class ShuttingDown(Refusal):
    """This server is about to stop. Another one, or this one anew, is there in a moment."""

    code = "shutting_down"
    kind = Kind.UNAVAILABLE
