"""Telling a live room's followers: each view is encoded once, however many there are."""

from people.ids import PersonId
from rooms.chat.model import Sight, State, Stored
from rooms.chat.rules import sight
from rooms.chat.screen import Turn
from rooms.vault.errors import BodyUnreadable
from rooms.vault.service import Vault

from . import views
from .live import LiveRoom
from .logs import get_log
from .socket.outbox import Packet


def tell_new(live: LiveRoom, message: Stored, vault: Vault) -> None:
    """Give every follower a new message as they may see it, and move the room forward."""
    live.seq = message.seq
    text = _text(live, message, vault)
    if text is not None and message.state is State.VISIBLE:
        live.recent.append(Turn(message.author.id, text))
    packets: dict[Sight, Packet] = {}
    for subscription in list(live.followers.values()):
        seen = sight(message, subscription.viewer)
        packet = packets.get(seen)
        if packet is None:
            view = views.message(message, seen, text)
            packet = packets[seen] = Packet.event("message:new", view)
        subscription.give(message.seq, 0, packet)


def tell_change(live: LiveRoom, message: Stored, by: PersonId | None, vault: Vault) -> None:
    """Give every follower a message's new view; who caused it also learns their own reactions."""
    live.revision = message.revision
    text = _text(live, message, vault)
    packets: dict[tuple[Sight, bool], Packet] = {}
    for subscription in list(live.followers.values()):
        seen = sight(message, subscription.viewer)
        own = subscription.viewer.id == by
        packet = packets.get((seen, own))
        if packet is None:
            view = views.message(message, seen, text, reader=by if own else None)
            packet = packets[seen, own] = Packet.event("message:changed", view)
        subscription.give(0, message.revision, packet)


def _text(live: LiveRoom, message: Stored, vault: Vault) -> str | None:
    if message.body is None or live.room is None:
        return None
    try:
        return vault.open(live.id, live.room.key, message.id, message.body)
    except BodyUnreadable:
        get_log().error("message.unreadable")
        return None
