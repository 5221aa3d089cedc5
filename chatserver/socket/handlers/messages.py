"""Requests on messages."""

from collections.abc import Callable, Coroutine
from typing import Any

from chatserver import views
from chatserver.bus import Typing
from chatserver.protocol import requests as wire
from chatserver.protocol.common import Empty, Message
from chatserver.socket.handler import Context, Reply, handles, promptly
from people.connection import Conn
from people.permissions import Action
from rooms.chat import service
from rooms.chat.events import MessageAltered
from rooms.chat.model import Draft, Sent, Sight, Stored
from rooms.chat.rules import sight, viewer
from rooms.directory import service as directory
from rooms.directory.model import Standing
from rooms.directory.rules import check_may
from rooms.ids import RoomId


def view(at: Context, where: Standing, message: Stored) -> Message:
    """A message as the asking person sees it, with their own reactions."""
    seen = sight(message, viewer(where))
    text = None
    if seen is Sight.FULL and message.body is not None:
        vault = at.node.tools.vault
        text = vault.open(message.room, where.room.key, message.id, message.body)
    return views.message(message, seen, text, reader=at.who.id)


@handles(wire.MessageSend)
async def send(at: Context, request: wire.MessageSend) -> wire.MessageSent:
    """Say something."""
    at.node.limits.check_message(at.who.id, request.room)
    where = await at.standing(request.room)
    return _sent(await at.node.writer.store(_composed(at, where, request)))


@promptly("message:send", wire.MessageSend)
def send_promptly(at: Context, where: Standing, request: wire.MessageSend, reply: Reply) -> None:
    """Say something in a room that this node knows: nothing is waited for but the commit."""
    at.node.limits.check_message(at.who.id, request.room)
    composed = _composed(at, where, request)
    at.node.writer.put(composed, lambda outcome: reply(lambda: _sent(outcome.answer())))


def _composed(at: Context, where: Standing, request: wire.MessageSend) -> service.Composed:
    draft = Draft(request.key, request.text, request.reply_to)
    recent = at.node.fanout.recent(where.room.id)
    return service.compose(where, draft, at.node.tools, recent, at.now)


def _sent(sent: Sent) -> wire.MessageSent:
    return wire.MessageSent(seq=sent.seq, id=sent.id, at=sent.at, held=sent.held)


@handles(wire.MessageSince)
async def since(at: Context, request: wire.MessageSince) -> wire.MessagePage:
    """The messages after a place."""
    async with at.node.database.connection() as conn:
        where = await directory.standing(conn, at.who, RoomId(request.room))
    found = await at.node.history.read(
        where.room,
        lambda conn: service.since(conn, where, request.after, request.limit, at.now),
    )
    last = max(where.room.last_seq, found[-1].seq if found else 0)
    return wire.MessagePage(messages=[view(at, where, m) for m in found], last_seq=last)


@handles(wire.MessageBefore)
async def before(at: Context, request: wire.MessageBefore) -> wire.MessageHistory:
    """Older messages."""
    async with at.node.database.connection() as conn:
        where = await directory.standing(conn, at.who, RoomId(request.room))
    found, more = await at.node.history.read(
        where.room,
        lambda conn: service.before(conn, where, request.before, request.limit, at.now),
    )
    return wire.MessageHistory(messages=[view(at, where, m) for m in found], more=more)


Work = Callable[[Conn, Standing], Coroutine[Any, Any, tuple[Stored, list[MessageAltered]]]]


async def _change(at: Context, room: Any, work: Work) -> wire.MessageAnswer:
    async with at.node.database.transaction() as conn:
        where = await directory.standing(conn, at.who, RoomId(room))
        message, events = await work(conn, where)
    at.node.publisher.publish(events)
    return wire.MessageAnswer(message=view(at, where, message))


@handles(wire.MessageEdit)
async def edit(at: Context, request: wire.MessageEdit) -> wire.MessageAnswer:
    """Change my message."""
    recent = at.node.fanout.recent(RoomId(request.room))
    return await _change(
        at,
        request.room,
        lambda conn, where: service.edit(
            conn, where, request.seq, request.text, at.node.tools, recent, at.now
        ),
    )


@handles(wire.MessageRetract)
async def retract(at: Context, request: wire.MessageRetract) -> wire.MessageAnswer:
    """Take my message back."""
    return await _change(
        at, request.room, lambda conn, where: service.retract(conn, where, request.seq, at.now)
    )


@handles(wire.MessageReact)
async def react(at: Context, request: wire.MessageReact) -> wire.MessageAnswer:
    """Add or take back a reaction."""
    return await _change(
        at,
        request.room,
        lambda conn, where: service.react(
            conn, where, request.seq, request.reaction, request.on, at.now
        ),
    )


@handles(wire.MessageRelease)
async def release(at: Context, request: wire.MessageRelease) -> wire.MessageAnswer:
    """Let a held message be seen."""
    return await _change(
        at, request.room, lambda conn, where: service.release(conn, where, request.seq, at.now)
    )


@handles(wire.MessageRemove)
async def remove(at: Context, request: wire.MessageRemove) -> wire.MessageAnswer:
    """Take a message out of sight."""
    return await _change(
        at, request.room, lambda conn, where: service.remove(conn, where, request.seq, at.now)
    )


@handles(wire.ReadMark)
async def mark_read(at: Context, request: wire.ReadMark) -> wire.ReadMarked:
    """I have read up to here."""
    async with at.node.database.transaction() as conn:
        where = await directory.standing(conn, at.who, RoomId(request.room))
        events = await directory.mark_read(conn, where, request.seq)
    at.node.publisher.publish(events)
    return wire.ReadMarked(seq=events[0].seq)


@handles(wire.TypingSet)
async def typing(at: Context, request: wire.TypingSet) -> Empty:
    """I am writing, or have stopped; said to others only if I let it be seen."""
    where = await at.standing(request.room)
    check_may(where, Action.SEND_MESSAGE)
    if at.who.typing_shown:
        at.node.publisher.typing(Typing(where.room.id, at.who.id, at.who.handle, request.on))
    return Empty()
