"""What can be done with messages: say, change, take back, react, release, remove, read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from people.connection import Conn
from people.ids import new_uuid
from people.permissions import Action
from people.refusal import Refusal
from rooms.directory import service as directory
from rooms.directory.model import Standing
from rooms.directory.rules import check_may, check_speak
from rooms.ids import MessageId
from rooms.vault.service import Vault

from . import store
from .errors import MessageNotFound, ReplyUnknown
from .events import MessageAdded, MessageAltered
from .model import Author, Draft, Sent, State, Stored
from .rules import (
    check_edit,
    check_own,
    check_react,
    check_release,
    check_remove,
    clean_text,
    viewer,
)
from .screen import Place, Screen, Submission, Turn, Verdict


@dataclass(frozen=True, slots=True)
class Tools:
    """What every change of a text needs beside the database."""

    vault: Vault
    screen: Screen


class Composed(Struct, frozen=True):
    """A message ready to be stored: checked, screened and sealed."""

    where: Standing
    key: UUID
    text: str
    message: Stored
    verdict: Verdict


class Outcome(Struct, frozen=True):
    """What became of a message: its answer and what happened, or why it was refused."""

    sent: Sent | None = None
    events: tuple[MessageAdded, ...] = ()
    refusal: Refusal | None = None

    def answer(self) -> Sent:
        """The answer. Raises what refused it."""
        if self.sent is None:
            raise self.refusal or ReplyUnknown
        return self.sent


def compose(
    where: Standing, draft: Draft, tools: Tools, recent: Sequence[Turn], now: datetime
) -> Composed:
    """Make a message ready to be stored. Pure computing: no database, no waiting.

    Raises what check_speak raises, TextEmpty, TextUnreadable.
    """
    check_speak(where)
    text = clean_text(draft.text)
    verdict = tools.screen.judge(Submission(where.room.id, where.who.id, text, recent, now))
    message = MessageId(new_uuid())
    stored = Stored(
        room=where.room.id,
        seq=0,
        id=message,
        author=Author(where.who.id, where.who.handle),
        at=now,
        state=State.HELD if verdict.hold else State.VISIBLE,
        body=tools.vault.seal(where.room.id, where.room.key, message, text),
        reply_to=draft.reply_to,
    )
    return Composed(where, draft.key or message, text, stored, verdict)


async def store_all(
    conn: Conn, batch: Sequence[Composed], screen: Screen, now: datetime
) -> list[Outcome]:
    """Store messages with their flags, in one commit of its own; what became of each.

    The connection must not be in a transaction. However often the same batch is stored, each
    message is there once: a key used before gets the first answer again and no event. Raises
    UniqueViolationError when another node stores one of the keys at this moment; try again.
    """
    seqs = await _insert(conn, batch, screen, now)
    return [
        _stored(one, seq)
        if (seq := seqs.get(one.message.id)) is not None
        else await _left_out(conn, one)
        for one in batch
    ]


async def _insert(
    conn: Conn, batch: Sequence[Composed], screen: Screen, now: datetime
) -> dict[MessageId, int]:
    rows = [(one.message, one.key) for one in batch]
    if not any(one.verdict.flags for one in batch):
        return await store.insert(conn, rows)
    async with conn.transaction():
        seqs = await store.insert(conn, rows)
        for one in batch:
            message, seq = one.message, seqs.get(one.message.id)
            if one.verdict.flags and seq is not None:
                place = Place(message.room, seq, message.id, message.author.id)
                await screen.record(conn, place, one.verdict, now)
    return seqs


def _stored(one: Composed, seq: int) -> Outcome:
    stored = one.message.at_place(seq)
    sent = Sent(seq, stored.id, stored.at, stored.state is State.HELD)
    return Outcome(sent, (MessageAdded(stored, one.text),))


async def _left_out(conn: Conn, one: Composed) -> Outcome:
    before = await store.by_key(conn, one.where.room.id, one.where.who.id, one.key)
    if before is not None:
        return Outcome(before)
    try:
        check_speak(await directory.standing(conn, one.where.who, one.where.room.id))
    except Refusal as refusal:
        return Outcome(refusal=refusal)
    return Outcome(refusal=ReplyUnknown())


async def _current(conn: Conn, where: Standing, seq: int, now: datetime) -> tuple[int, Stored]:
    """Lock the room, then read the message; the next revision and the message."""
    revision = await store.next_revision(conn, where.room.id)
    found = await store.one(conn, where.room.id, seq, where.room.serves_after(now))
    if found is None:
        raise MessageNotFound
    return revision, found


async def _alter(
    conn: Conn, where: Standing, altered: Stored
) -> tuple[Stored, list[MessageAltered]]:
    await store.alter(conn, altered)
    return altered, [MessageAltered(altered, where.who.id)]


async def edit(
    conn: Conn,
    where: Standing,
    seq: int,
    text: str,
    tools: Tools,
    recent: Sequence[Turn],
    now: datetime,
) -> tuple[Stored, list[MessageAltered]]:
    """Change one's own message within its time. The new text is screened like a new one; a held
    message stays held.

    Raises what check_speak raises, TextEmpty, TextUnreadable, MessageNotFound, EditTooLate.
    """
    check_speak(where)
    text = clean_text(text)
    revision, found = await _current(conn, where, seq, now)
    own = check_edit(found, where.who.id, now)
    verdict = tools.screen.judge(Submission(where.room.id, where.who.id, text, recent, now))
    if verdict.flags:
        place = Place(own.room, seq, own.id, own.author.id)
        await tools.screen.record(conn, place, verdict, now)
    held = verdict.hold or own.state is State.HELD
    body = tools.vault.seal(where.room.id, where.room.key, own.id, text)
    state = State.HELD if held else State.VISIBLE
    return await _alter(
        conn, where, replace(own, body=body, state=state, edited_at=now, revision=revision)
    )


async def retract(
    conn: Conn, where: Standing, seq: int, now: datetime
) -> tuple[Stored, list[MessageAltered]]:
    """Take one's own message back, at any time; its text is erased, its flags stay.

    Raises NotFound, NotAMember, MessageNotFound.
    """
    check_may(where, Action.CHANGE_OWN_MESSAGE)
    revision, found = await _current(conn, where, seq, now)
    own = check_own(found, where.who.id)
    return await _alter(
        conn, where, replace(own, body=None, state=State.RETRACTED, revision=revision)
    )


async def react(
    conn: Conn, where: Standing, seq: int, reaction: str, on: bool, now: datetime
) -> tuple[Stored, list[MessageAltered]]:
    """Add a reaction or take it back. Raises NotFound, NotAMember, MessageNotFound."""
    check_may(where, Action.REACT)
    revision, found = await _current(conn, where, seq, now)
    seen = check_react(found, viewer(where))
    await store.set_reaction(conn, where.room.id, seq, where.who.id, reaction, on)
    await _alter(conn, where, replace(seen, revision=revision))
    altered = await store.one(conn, where.room.id, seq, None)
    if altered is None:
        raise MessageNotFound
    return altered, [MessageAltered(altered, where.who.id)]


async def release(
    conn: Conn, where: Standing, seq: int, now: datetime
) -> tuple[Stored, list[MessageAltered]]:
    """Let a held message be seen, at the place it has held in the order.

    Raises NotFound, NotAMember, NotAllowed, MessageNotFound, MessageNotHeld.
    """
    check_may(where, Action.MODERATE_MESSAGE)
    revision, found = await _current(conn, where, seq, now)
    held = check_release(found, where)
    return await _alter(conn, where, replace(held, state=State.VISIBLE, revision=revision))


async def remove(
    conn: Conn, where: Standing, seq: int, now: datetime
) -> tuple[Stored, list[MessageAltered]]:
    """Take a message out of sight; its text is kept for review until it expires.

    Raises NotFound, NotAMember, NotAllowed, MessageNotFound.
    """
    check_may(where, Action.MODERATE_MESSAGE)
    revision, found = await _current(conn, where, seq, now)
    seen = check_remove(found, where)
    return await _alter(conn, where, replace(seen, state=State.REMOVED, revision=revision))


async def since(conn: Conn, where: Standing, after: int, limit: int, now: datetime) -> list[Stored]:
    """The messages after a place, oldest first. Raises NotFound, NotAMember."""
    check_may(where, Action.READ_MESSAGES)
    return await store.since(conn, where.room.id, after, limit, where.room.serves_after(now))


async def before(
    conn: Conn, where: Standing, place: int, limit: int, now: datetime
) -> tuple[list[Stored], bool]:
    """A page of older messages, and whether there are older ones. Raises NotFound, NotAMember."""
    check_may(where, Action.READ_MESSAGES)
    cutoff = where.room.serves_after(now)
    page = await store.before(conn, where.room.id, place, limit + 1, cutoff)
    return page[-limit:], len(page) > limit


async def changed(
    conn: Conn, where: Standing, revision: int, up_to: int, limit: int, now: datetime
) -> list[Stored]:
    """What changed of the messages up to a place. Raises NotFound, NotAMember."""
    check_may(where, Action.READ_MESSAGES)
    cutoff = where.room.serves_after(now)
    return await store.changed(conn, where.room.id, revision, up_to, limit, cutoff)
