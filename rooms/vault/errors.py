"""Every refusal of this slice."""

from people.refusal import Kind, Refusal


class CommunityKeyMissing(Refusal):
    """The community key that this data was stored under is not among the keys given."""

    code = "community_key_missing"
    kind = Kind.UNAVAILABLE


class CommunityKeyInvalid(Refusal):
    """A community key is 32 bytes in base64, one on a line, the one in use first."""

    code = "community_key_invalid"


class BodyUnreadable(Refusal):
    """This message cannot be read: it was changed outside the server or its key is gone."""

    code = "body_unreadable"
    kind = Kind.UNAVAILABLE
