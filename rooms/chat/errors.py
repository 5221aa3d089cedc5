"""Every refusal of this slice."""

from people.refusal import Kind, Refusal


class TextEmpty(Refusal):
    """There is nothing to read in this message."""

    code = "text_empty"


class TextUnreadable(Refusal):
    """This message holds characters that are no text."""

    code = "text_unreadable"


class ReplyUnknown(Refusal):
    """The message that this answers is not in this room."""

    code = "reply_unknown"


class MessageNotFound(Refusal):
    """This message is not here any more, or is not yours to change."""

    code = "message_not_found"
    kind = Kind.NOT_FOUND


class EditTooLate(Refusal):
    """A message can be changed for 15 minutes. You can still take it back."""

    code = "edit_too_late"
    kind = Kind.CONFLICT


class MessageNotHeld(Refusal):
    """This message is not waiting any more; somebody was quicker."""

    code = "message_not_held"
    kind = Kind.CONFLICT


class RateLimited(Refusal):
    """That was a lot at once. Please wait a moment; what you wrote is kept."""

    code = "rate_limited"
    kind = Kind.THROTTLED
