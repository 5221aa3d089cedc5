"""Every refusal of this slice."""

from people.refusal import Kind, Refusal


class RoomFull(Refusal):
    """This room is full at the moment."""

    code = "room_full"
    kind = Kind.CONFLICT


class AgreementsRequired(Refusal):
    """Please read and accept the room's agreements first."""

    code = "agreements_required"
    kind = Kind.FORBIDDEN


class InvitationRequired(Refusal):
    """This room is by invitation. A facilitator of the room can let you in."""

    code = "invitation_required"
    kind = Kind.FORBIDDEN


class NotAMember(Refusal):
    """Please join the room first."""

    code = "not_a_member"
    kind = Kind.FORBIDDEN


class RoomNameEmpty(Refusal):
    """A room needs a name that can be read."""

    code = "room_name_empty"


class LastFacilitator(Refusal):
    """You are this room's only facilitator. Please ask somebody to take over first."""

    code = "last_facilitator"
    kind = Kind.CONFLICT
