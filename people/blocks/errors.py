"""Every refusal of this slice."""

from people.refusal import Kind, Refusal


class BlockSelf(Refusal):
    """You cannot block yourself."""

    code = "block_self"


class BlockUnknown(Refusal):
    """There is nobody here by that name any more."""

    code = "no_such_person"
    kind = Kind.NOT_FOUND
