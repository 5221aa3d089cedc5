"""Every refusal of this slice."""

from people.refusal import Kind, Refusal


class HandleTaken(Refusal):
    """Somebody here already has this handle. Please choose another."""

    code = "handle_taken"
    kind = Kind.CONFLICT


class HandleInvalid(Refusal):
    """A handle has 2 to 32 letters or digits; dots, hyphens and underscores may stand between."""

    code = "handle_invalid"


class HandleReserved(Refusal):
    """This handle could be mistaken for the people who run the community."""

    code = "handle_reserved"


class PasswordTooShort(Refusal):
    """A password needs at least 10 characters. A few plain words are good."""

    code = "password_too_short"


class PasswordTooCommon(Refusal):
    """This password is easy to guess. A few plain words that only you would put together are
    better."""

    code = "password_too_common"


class InvitationInvalid(Refusal):
    """This invitation has been used, has run out, or never was. Please ask for a new one."""

    code = "invitation_invalid"
    kind = Kind.NOT_FOUND


class SignInRefused(Refusal):
    """The handle and the password do not go together."""

    code = "sign_in_refused"
    kind = Kind.UNAUTHENTICATED


class SignInThrottled(Refusal):
    """Too many attempts did not succeed. Please wait a little before the next one."""

    code = "sign_in_throttled"
    kind = Kind.THROTTLED


class LinkInvalid(Refusal):
    """This sign-in link has been used or has run out."""

    code = "link_invalid"
    kind = Kind.UNAUTHENTICATED


class Suspended(Refusal):
    """This account is suspended."""

    code = "suspended"
    kind = Kind.FORBIDDEN


class SetUpDone(Refusal):
    """This community has been set up already, or the code is not the one that was printed."""

    code = "setup_refused"
    kind = Kind.FORBIDDEN


class CommunityNameEmpty(Refusal):
    """The community needs a name that can be read."""

    code = "community_name_empty"


class NoSuchPerson(Refusal):
    """Nobody here has this handle."""

    code = "no_such_person"
    kind = Kind.NOT_FOUND
