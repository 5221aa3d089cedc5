"""Every request and event, in one place. What is not here does not exist on the wire."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from people.permissions import Action

from . import events, requests
from .common import Empty, Wire


@dataclass(frozen=True, slots=True)
class Request:
    """One row: what is sent, what is answered, and the permission that decides."""

    name: str
    body: type[Wire]
    answer: type[Wire]
    action: Action


@dataclass(frozen=True, slots=True)
class Event:
    """One row: what the server tells unasked."""

    name: str
    body: type[Wire]


_REQUESTS = (
    Request("room:list", requests.RoomList, requests.RoomListed, Action.LIST_ROOMS),
    Request("room:join", requests.RoomJoin, requests.RoomJoined, Action.JOIN_OPEN_ROOM),
    Request("room:leave", requests.RoomLeave, Empty, Action.LEAVE_ROOM),
    Request("room:unwatch", requests.RoomUnwatch, Empty, Action.LEAVE_ROOM),
    Request("room:create", requests.RoomCreate, requests.RoomCreated, Action.CREATE_ROOM),
    Request("room:update", requests.RoomUpdate, requests.RoomUpdated, Action.UPDATE_ROOM),
    Request("room:members", requests.RoomMembers, requests.RoomMembersListed, Action.SEE_MEMBERS),
    Request("room:invite", requests.RoomInvite, Empty, Action.INVITE_TO_ROOM),
    Request("message:send", requests.MessageSend, requests.MessageSent, Action.SEND_MESSAGE),
    Request("message:since", requests.MessageSince, requests.MessagePage, Action.READ_MESSAGES),
    Request(
        "message:before", requests.MessageBefore, requests.MessageHistory, Action.READ_MESSAGES
    ),
    Request(
        "message:edit", requests.MessageEdit, requests.MessageAnswer, Action.CHANGE_OWN_MESSAGE
    ),
    Request(
        "message:retract",
        requests.MessageRetract,
        requests.MessageAnswer,
        Action.CHANGE_OWN_MESSAGE,
    ),
    Request("message:react", requests.MessageReact, requests.MessageAnswer, Action.REACT),
    Request(
        "message:release", requests.MessageRelease, requests.MessageAnswer, Action.MODERATE_MESSAGE
    ),
    Request(
        "message:remove", requests.MessageRemove, requests.MessageAnswer, Action.MODERATE_MESSAGE
    ),
    Request("read:mark", requests.ReadMark, requests.ReadMarked, Action.READ_MESSAGES),
    Request("typing:set", requests.TypingSet, Empty, Action.SEND_MESSAGE),
    Request("person:me", requests.PersonMe, requests.PersonMeAnswer, Action.SEE_OWN),
    Request("settings:set", requests.SettingsSet, requests.PersonMeAnswer, Action.CHANGE_OWN),
    Request("block:list", requests.BlockList, requests.BlockListed, Action.SEE_OWN),
    Request("block:add", requests.BlockAdd, Empty, Action.BLOCK),
    Request("block:remove", requests.BlockRemove, Empty, Action.BLOCK),
)

_EVENTS = (
    Event("message:new", events.MessageNew),
    Event("message:changed", events.MessageChanged),
    Event("room:changed", events.RoomChanged),
    Event("room:removed", events.RoomRemoved),
    Event("presence:changed", events.PresenceChanged),
    Event("typing:changed", events.TypingChanged),
    Event("read:changed", events.ReadChanged),
    Event("person:changed", events.PersonChanged),
    Event("session:ended", events.SessionEnded),
    Event("server:goodbye", events.ServerGoodbye),
)

REQUESTS: Mapping[str, Request] = MappingProxyType({row.name: row for row in _REQUESTS})
EVENTS: Mapping[str, Event] = MappingProxyType({row.name: row for row in _EVENTS})
EVENT_NAMES: Mapping[type[Wire], str] = MappingProxyType({row.body: row.name for row in _EVENTS})
