"""The base of every refusal."""

from enum import StrEnum


class Kind(StrEnum):
    """What sort of refusal it is; the shells choose an HTTP status from it."""

    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    THROTTLED = "throttled"
    UNAVAILABLE = "unavailable"


class Refusal(Exception):
    """Something asked for was not done, and nothing changed.

    Each subclass's docstring is the sentence that a person reads; `code` never changes once
    released. `retry_after` is in seconds and given only where waiting helps; `reason` says more
    to whoever runs the server, and never quotes a member.
    """

    code: str = "refused"
    kind: Kind = Kind.INVALID

    def __init__(self, *, retry_after: float | None = None, reason: str = "") -> None:
        self.retry_after = retry_after
        self.reason = reason
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """The sentence for people, with the reason if there is one."""
        sentence = " ".join((type(self).__doc__ or self.code).split())
        return f"{sentence} ({self.reason})" if self.reason else sentence


class NotAllowed(Refusal):
    """Your role does not allow this."""

    code = "not_allowed"
    kind = Kind.FORBIDDEN


class NotFound(Refusal):
    """There is no such thing here, or it is not open to you."""

    code = "not_found"
    kind = Kind.NOT_FOUND
