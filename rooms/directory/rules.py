"""Rules of rooms: pure."""

from dataclasses import replace

from people.permissions import Action, Relation, allowed, keeps_watch, require
from people.refusal import NotFound

from .errors import (
    AgreementsRequired,
    InvitationRequired,
    LastFacilitator,
    NotAMember,
    RoomFull,
    RoomNameEmpty,
)
from .model import Access, Change, Draft, Standing

INSIDE = frozenset({Relation.MEMBER, Relation.FACILITATOR})


def clean_draft(draft: Draft) -> Draft:
    """The room as it is to be, without white space around its texts. Raises RoomNameEmpty."""
    if not draft.name.strip():
        raise RoomNameEmpty
    return replace(
        draft,
        name=draft.name.strip(),
        topic=draft.topic.strip(),
        agreements=draft.agreements.strip(),
    )


def clean_change(change: Change) -> Change:
    """The change, without white space around its texts. Raises RoomNameEmpty."""
    if change.name is not None and not change.name.strip():
        raise RoomNameEmpty
    return replace(
        change,
        name=change.name and change.name.strip(),
        topic=change.topic and change.topic.strip(),
        agreements=change.agreements and change.agreements.strip(),
    )


def is_inside(standing: Standing) -> bool:
    """Whether the person is a member of the room."""
    return standing.relation in INSIDE


def may_find(standing: Standing) -> bool:
    """Whether the room's existence is known to this person."""
    return standing.room.access is not Access.HIDDEN or standing.relation is not Relation.OUTSIDER


def check_may(standing: Standing, action: Action) -> None:
    """Ask the table. A hidden room says "no such thing" to those outside; a room that can be
    found says that one must join first.

    Raises NotFound, NotAMember, NotAllowed.
    """
    if allowed(standing.who.roles, action, standing.relation):
        return
    if not may_find(standing):
        raise NotFound
    if not is_inside(standing):
        raise NotAMember
    require(standing.who, action, standing.relation)


def check_join(standing: Standing, *, agree: bool, members: int) -> None:
    """Whether somebody may become a member; one who is a member already always may.

    Raises NotFound, InvitationRequired, AgreementsRequired, RoomFull.
    """
    if not may_find(standing):
        raise NotFound
    if is_inside(standing):
        return
    closed = standing.room.access is not Access.OPEN
    action = Action.JOIN_CLOSED_ROOM if closed else Action.JOIN_OPEN_ROOM
    if not allowed(standing.who.roles, action, standing.relation):
        raise InvitationRequired
    if standing.room.agreements and not agree:
        raise AgreementsRequired
    if members >= standing.room.capacity:
        raise RoomFull


def check_hand_over(facilitators: int, others: int) -> None:
    """Nobody leaves a room without somebody to lead it. Raises LastFacilitator."""
    if facilitators == 1 and others:
        raise LastFacilitator


def check_speak(standing: Standing) -> None:
    """Whether somebody may say something here at all.

    Raises NotFound, NotAMember, NotAllowed, AgreementsRequired.
    """
    check_may(standing, Action.SEND_MESSAGE)
    if not standing.agreed:
        raise AgreementsRequired


def watches(standing: Standing) -> bool:
    """Whether this person can see held and blocked messages here, to be able to act on them."""
    return keeps_watch(standing.who, standing.relation)
