"""The one table of who may do what. Every service asks it; nothing else decides.

A rule names community roles and relations to a room. Somebody may act when one of their roles
or their relation stands in the row. An admin sets the community up and reads nobody's
conversation by virtue of it: no row on messages names `admin`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from .ids import PersonId
from .refusal import NotAllowed, NotFound


class Role(StrEnum):
    """What the community has entrusted somebody with. Everybody is a member."""

    MEMBER = "member"
    PEER = "peer"
    MODERATOR = "moderator"
    SAFETY_LEAD = "safety_lead"
    ADMIN = "admin"


class Relation(StrEnum):
    """Where somebody stands towards one room."""

    OUTSIDER = "outsider"
    INVITED = "invited"
    MEMBER = "room_member"
    FACILITATOR = "facilitator"


class Action(StrEnum):
    """Everything that is asked of the table."""

    SEE_OWN = "see_own"
    CHANGE_OWN = "change_own"
    BLOCK = "block"
    INVITE_PERSON = "invite_person"
    INVITE_STAFF = "invite_staff"
    LIST_ROOMS = "list_rooms"
    CREATE_ROOM = "create_room"
    JOIN_OPEN_ROOM = "join_open_room"
    JOIN_CLOSED_ROOM = "join_closed_room"
    LEAVE_ROOM = "leave_room"
    UPDATE_ROOM = "update_room"
    CHANGE_ACCESS = "change_access"
    SEE_MEMBERS = "see_members"
    INVITE_TO_ROOM = "invite_to_room"
    READ_MESSAGES = "read_messages"
    SEND_MESSAGE = "send_message"
    CHANGE_OWN_MESSAGE = "change_own_message"
    REACT = "react"
    MODERATE_MESSAGE = "moderate_message"


_EVERYBODY = frozenset({Role.MEMBER})
_INSIDE = frozenset({Relation.MEMBER, Relation.FACILITATOR})
_STAFF = frozenset({Role.MODERATOR, Role.ADMIN})


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: who may do it.

    `roles` may always. `relations` may when the person stands so to the room. `roles_inside`
    may once they are in the room themselves, which others can see.
    """

    roles: frozenset[Role] = frozenset()
    relations: frozenset[Relation] = frozenset()
    roles_inside: frozenset[Role] = frozenset()


_WATCH = frozenset({Role.MODERATOR, Role.SAFETY_LEAD})

TABLE: Mapping[Action, Rule] = MappingProxyType(
    {
        Action.SEE_OWN: Rule(roles=_EVERYBODY),
        Action.CHANGE_OWN: Rule(roles=_EVERYBODY),
        Action.BLOCK: Rule(roles=_EVERYBODY),
        Action.INVITE_PERSON: Rule(roles=_STAFF),
        Action.INVITE_STAFF: Rule(roles=frozenset({Role.ADMIN})),
        Action.LIST_ROOMS: Rule(roles=_EVERYBODY),
        Action.CREATE_ROOM: Rule(roles=_STAFF),
        Action.JOIN_OPEN_ROOM: Rule(roles=_EVERYBODY),
        Action.JOIN_CLOSED_ROOM: Rule(relations=_INSIDE | {Relation.INVITED}),
        Action.LEAVE_ROOM: Rule(relations=_INSIDE),
        Action.UPDATE_ROOM: Rule(
            relations=frozenset({Relation.FACILITATOR}), roles=frozenset({Role.ADMIN})
        ),
        # Not an admin from outside: opening a closed room would be a way to read it.
        Action.CHANGE_ACCESS: Rule(relations=frozenset({Relation.FACILITATOR})),
        Action.SEE_MEMBERS: Rule(relations=_INSIDE),
        Action.INVITE_TO_ROOM: Rule(relations=frozenset({Relation.FACILITATOR})),
        Action.READ_MESSAGES: Rule(relations=_INSIDE),
        Action.SEND_MESSAGE: Rule(relations=_INSIDE),
        Action.CHANGE_OWN_MESSAGE: Rule(relations=_INSIDE),
        Action.REACT: Rule(relations=_INSIDE),
        Action.MODERATE_MESSAGE: Rule(
            relations=frozenset({Relation.FACILITATOR}), roles_inside=_WATCH
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who acts: an account as the rules see it. `blocked` holds both directions of a block."""

    id: PersonId
    handle: str
    roles: frozenset[Role] = field(default=frozenset({Role.MEMBER}))
    suspended_at: datetime | None = None
    blocked: frozenset[PersonId] = frozenset()
    presence_shown: bool = False
    typing_shown: bool = False
    language: str = "en"


def allowed(roles: frozenset[Role], action: Action, relation: Relation = Relation.OUTSIDER) -> bool:
    """Whether these roles, standing so to the room, may do this."""
    rule = TABLE[action]
    if rule.roles & roles or relation in rule.relations:
        return True
    return relation in _INSIDE and bool(rule.roles_inside & roles)


def require(who: Principal, action: Action, relation: Relation = Relation.OUTSIDER) -> None:
    """Refuse unless the table allows it.

    Raises NotAllowed; or NotFound where the person stands outside and only insiders may know,
    so that "does not exist" and "not for you" read the same.
    """
    if allowed(who.roles, action, relation):
        return
    if relation is Relation.OUTSIDER and TABLE[action].relations:
        raise NotFound
    raise NotAllowed


def keeps_watch(who: Principal, relation: Relation) -> bool:
    """Whether blocks do not hide messages from this person: those who must be able to act."""
    return allowed(who.roles, Action.MODERATE_MESSAGE, relation)
