"""Telling a live room's followers: each view is encoded once, however many there are."""

from people.ids import PersonId
from rooms.chat.model import Sight, State, Stored
from rooms.chat.rules import sight
from rooms.chat.screen import Turn as Said
from rooms.vault.errors import BodyUnreadable, CommunityKeyMissing
from rooms.vault.service import Vault

from . import views
from .live import LiveRoom, New, Subscription
from .logs import get_log
from .metrics import Metrics
from .socket.outbox import Packet
from .turn import Turn


class Telling:
    """Gives followers what they may see. New messages of one turn of the loop go together."""

    def __init__(self, vault: Vault, turn: Turn, metrics: Metrics) -> None:
        self._vault, self._turn, self._metrics = vault, turn, metrics

    def new(self, live: LiveRoom, new: New) -> None:
        """Give every follower a new message as they may see it, and move the room forward."""
        message = new.message
        live.seq = message.seq
        if new.text is None:
            new.text = self._text(live, message)
        if new.text is not None and message.state is State.VISIBLE:
            live.recent.append(Said(message.author.id, new.text))
        if live.latest is not None:
            live.latest.add(new)
        if not live.gathered:
            self._turn.hand_out(lambda: self._hand_out(live))
        live.gathered.append(new)

    def change(self, live: LiveRoom, message: Stored, by: PersonId | None) -> None:
        """Give every follower a message's new view; who caused it also learns their own
        reactions."""
        self._hand_out(live)  # what was said before comes before
        live.revision = message.revision
        text = self._text(live, message)
        if live.latest is not None:
            live.latest.change(New(message, text))
        packets: dict[tuple[Sight, bool], Packet] = {}
        for subscription in list(live.followers.values()):
            seen = sight(message, subscription.viewer)
            own = subscription.viewer.id == by
            packet = packets.get((seen, own))
            if packet is None:
                view = views.message(message, seen, text, reader=by if own else None)
                packet = packets[seen, own] = Packet.event("message:changed", view)
            subscription.give(0, message.revision, packet)

    def _text(self, live: LiveRoom, message: Stored) -> str | None:
        if message.body is None or live.room is None:
            return None
        try:
            return self._vault.open(live.id, live.room.key, message.id, message.body)
        except (BodyUnreadable, CommunityKeyMissing):
            get_log().error("message.unreadable")
            return None

    def _hand_out(self, live: LiveRoom) -> None:
        """Give every follower what gathered. Most see all of it as everybody does: those get the
        same bytes, joined once."""
        gathered, live.gathered = live.gathered, []
        if not gathered:
            return
        first, last, told = gathered[0].message.seq, gathered[-1].message.seq, 0
        open_to_all = all(new.message.state is State.VISIBLE for new in gathered)
        packets = [new.packet(Sight.FULL) for new in gathered] if open_to_all else []
        joined = b"".join([packet.frame for packet in packets])
        for subscription in list(live.followers.values()):
            if open_to_all and subscription.takes_all(first):
                subscription.seq = last
                subscription.connection.push_all(packets, joined)
                told += len(packets)
            else:
                _give_each(subscription, gathered)
        self._metrics.deliveries.inc(told)


def _give_each(subscription: Subscription, gathered: list[New]) -> None:
    for new in gathered:
        packet = new.packet(sight(new.message, subscription.viewer))
        subscription.give(new.message.seq, 0, packet)
