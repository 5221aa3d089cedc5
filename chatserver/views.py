"""From what the slices know to what crosses the wire: translation, nothing else."""

from people.blocks.model import Blocked
from people.ids import PersonId
from people.permissions import Principal, Relation
from rooms.chat.model import Sight, Stored
from rooms.directory import model as directory
from rooms.directory.rules import is_inside

from .protocol.common import Me, Member, Message, Person, Room


def me(who: Principal) -> Me:
    """Somebody as they see themselves."""
    return Me(
        id=who.id,
        handle=who.handle,
        roles=[role.value for role in sorted(who.roles)],
        presence_shown=who.presence_shown,
        typing_shown=who.typing_shown,
        language="es" if who.language == "es" else "en",
    )


def person(found: Blocked | Principal) -> Person:
    """Somebody as others see them."""
    return Person(id=found.id, handle=found.handle)


def member(found: directory.Member) -> Member:
    """One member of a room."""
    return Member(id=found.id, handle=found.handle, facilitator=found.facilitator)


def room(listed: directory.Listed) -> Room:
    """A room as the person of the standing sees it."""
    where = listed.standing
    inside = is_inside(where)
    return Room(
        id=where.room.id,
        name=where.room.name,
        topic=where.room.topic,
        access=where.room.access.value,
        agreements=where.room.agreements,
        agreed=where.agreed,
        joined=inside,
        facilitator=where.relation is Relation.FACILITATOR,
        capacity=where.room.capacity,
        members=listed.members,
        expires_after_days=where.room.expires_after_days,
        last_seq=where.room.last_seq if inside else 0,
        read_seq=where.read_seq,
        unread=max(0, where.room.last_seq - where.read_seq) if inside else 0,
    )


def message(
    stored: Stored,
    sight: Sight,
    text: str | None,
    *,
    reader: PersonId | None = None,
) -> Message:
    """A message as seen so far; with `reader`, their own reactions are named."""
    if sight is Sight.BLOCKED:
        return Message(room=stored.room, seq=stored.seq, id=stored.id, at=stored.at, state="hidden")
    if sight is Sight.PLACE:
        return Message(
            room=stored.room,
            seq=stored.seq,
            id=stored.id,
            at=stored.at,
            state=stored.state.value,
            revision=stored.revision,
        )
    return Message(
        room=stored.room,
        seq=stored.seq,
        id=stored.id,
        at=stored.at,
        state=stored.state.value,
        author=Person(id=stored.author.id, handle=stored.author.handle),
        text=text,
        reply_to=stored.reply_to,
        edited_at=stored.edited_at,
        reactions={name: len(people) for name, people in stored.reactions.items()},  # type: ignore[misc]  # the database holds known names only
        mine=_mine(stored, reader),  # type: ignore[arg-type]  # likewise
        revision=stored.revision,
    )


def _mine(stored: Stored, reader: PersonId | None) -> list[str] | None:
    if reader is None:
        return None
    return [name for name, people in stored.reactions.items() if reader in people]
