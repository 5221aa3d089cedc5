"""Rules of messages and rooms, without any service."""

import dataclasses
from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import structs

from people.ids import PersonId
from people.permissions import Action, Principal, Relation, Role
from people.refusal import NotAllowed, NotFound, Refusal
from rooms.chat.errors import (
    EditTooLate,
    MessageNotFound,
    MessageNotHeld,
    TextEmpty,
    TextUnreadable,
)
from rooms.chat.model import EDIT_WINDOW, Author, Sight, State, Stored, Viewer
from rooms.chat.rules import (
    Bucket,
    Rate,
    check_edit,
    check_own,
    check_react,
    check_release,
    check_remove,
    clean_text,
    sight,
    take,
    viewer,
)
from rooms.directory.errors import (
    AgreementsRequired,
    InvitationRequired,
    LastFacilitator,
    NotAMember,
    RoomFull,
)
from rooms.directory.model import Access, Room, Standing
from rooms.directory.rules import (
    check_hand_over,
    check_join,
    check_may,
    check_speak,
    is_inside,
    may_find,
)
from rooms.ids import MessageId, RoomId
from rooms.vault.model import WrappedKey

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ME, OTHER = PersonId(UUID(int=1)), PersonId(UUID(int=2))
ROOM = Room(
    RoomId(UUID(int=3)), "Room", "", Access.OPEN, "", 1, 10, None, WrappedKey("key", b""), 9, 0, 0
)
MESSAGE = Stored(
    ROOM.id, 5, MessageId(UUID(int=4)), Author(OTHER, "other"), NOW, State.VISIBLE, b"sealed"
)
MINE = structs.replace(MESSAGE, author=Author(ME, "me"))


def standing(relation: Relation, *roles: Role, agreed: int = 0, **room: object) -> Standing:
    who = Principal(ME, "me", frozenset({Role.MEMBER, *roles}))
    return Standing(who, dataclasses.replace(ROOM, **room), relation, agreed, 0)  # type: ignore[arg-type]  # fields of a room


@given(st.text(st.characters(exclude_categories=())))
@example("\u200b\u2060")
@example("a\0")
@example("\ud800")
def test_a_clean_text_can_be_read_and_is_as_it_was_written(text: str) -> None:
    try:
        clean = clean_text(text)
    except TextEmpty:
        assert not any(c.isalnum() for c in text)
    except TextUnreadable:
        assert set(text) & {"\0", *map(chr, range(0xD800, 0xE000))}
    else:
        assert clean == text.strip() == clean_text(clean)
        assert clean.encode()
        assert "\0" not in clean


@pytest.mark.parametrize(
    "text", ["", " ", "\n\t", "\u00a0\u2003", "\u200b", "\u202e", "\ufeff \u200d"]
)
def test_texts_with_nothing_to_see(text: str) -> None:
    with pytest.raises(TextEmpty):
        clean_text(text)


SIGHTS = {
    # state: (to others, to the author, to those who watch)
    State.VISIBLE: (Sight.FULL, Sight.FULL, Sight.FULL),
    State.HELD: (Sight.PLACE, Sight.FULL, Sight.FULL),
    State.REMOVED: (Sight.PLACE, Sight.FULL, Sight.FULL),
    State.RETRACTED: (Sight.PLACE, Sight.PLACE, Sight.PLACE),
}


def test_what_is_seen_of_a_message() -> None:
    assert SIGHTS.keys() == set(State)
    for state, (to_others, to_author, to_watching) in SIGHTS.items():
        message = structs.replace(MESSAGE, state=state)
        assert sight(message, Viewer(ME)) is to_others
        assert sight(message, Viewer(OTHER)) is to_author
        for blocked in (frozenset[PersonId](), frozenset({OTHER})):
            assert sight(message, Viewer(ME, blocked, watches=True)) is to_watching
        assert sight(message, Viewer(ME, frozenset({OTHER}))) is Sight.BLOCKED
        assert sight(message, Viewer(ME, frozenset({ME}))) is to_others


def test_who_watches() -> None:
    for relation, role in product(Relation, Role):
        expected = relation is Relation.FACILITATOR or (
            relation is Relation.MEMBER and role in {Role.MODERATOR, Role.SAFETY_LEAD}
        )
        assert viewer(standing(relation, role)).watches is expected


def test_only_ones_own_living_messages_can_be_changed() -> None:
    for state in State:
        living = state in {State.VISIBLE, State.HELD}
        if living:
            check_own(structs.replace(MINE, state=state), ME)
        else:
            with pytest.raises(MessageNotFound):
                check_own(structs.replace(MINE, state=state), ME)
    for message in (None, MESSAGE):
        with pytest.raises(MessageNotFound):
            check_own(message, ME)


@given(st.timedeltas(timedelta(0), timedelta(days=2)))
@example(EDIT_WINDOW)
def test_a_message_can_be_edited_for_its_time(later: timedelta) -> None:
    if later <= EDIT_WINDOW:
        assert check_edit(MINE, ME, NOW + later) == MINE
    else:
        with pytest.raises(EditTooLate):
            check_edit(MINE, ME, NOW + later)


def test_only_what_is_seen_can_be_reacted_to() -> None:
    assert check_react(MESSAGE, Viewer(ME)) == MESSAGE
    unseen = [structs.replace(MESSAGE, state=s) for s in State if s is not State.VISIBLE]
    for message in (None, *unseen):
        with pytest.raises(MessageNotFound):
            check_react(message, Viewer(ME, watches=True))
    with pytest.raises(MessageNotFound):
        check_react(MESSAGE, Viewer(ME, frozenset({OTHER})))


def test_nobody_releases_what_they_said_themselves() -> None:
    lead = standing(Relation.FACILITATOR)
    held = structs.replace(MESSAGE, state=State.HELD)
    assert check_release(held, lead) == held
    for message in (None, structs.replace(MINE, state=State.HELD)):
        with pytest.raises(MessageNotFound):
            check_release(message, lead)
    with pytest.raises(MessageNotHeld):
        check_release(MESSAGE, lead)
    with pytest.raises(NotAllowed):
        check_release(held, standing(Relation.MEMBER))


def test_what_can_be_removed() -> None:
    lead = standing(Relation.MEMBER, Role.SAFETY_LEAD)
    for state in (State.VISIBLE, State.HELD):
        check_remove(structs.replace(MESSAGE, state=state), lead)
    for state in (State.REMOVED, State.RETRACTED):
        with pytest.raises(MessageNotFound):
            check_remove(structs.replace(MESSAGE, state=state), lead)
    with pytest.raises(NotAMember):
        check_remove(MESSAGE, standing(Relation.OUTSIDER, Role.SAFETY_LEAD))


TIMES = st.lists(st.floats(-50, 50, allow_nan=False), max_size=60)


@given(TIMES, st.floats(1, 20), st.floats(0.01, 20))
def test_a_bucket_never_gives_more_than_its_burst_and_its_rate(
    steps: list[float], burst: float, rate: float
) -> None:
    bucket: Bucket | None = None
    now, given_out, passed = 0.0, 0, 0.0
    for step in steps:
        now, passed = now + step, passed + max(0.0, step)
        bucket, wait = take(bucket, Rate(burst, rate), now)
        given_out += not wait
        assert 0 <= bucket.tokens <= burst
        assert wait >= 0
        assert given_out <= burst + rate * passed + 1e-6


@given(st.floats(1, 20), st.floats(0.01, 20), st.integers(1, 50))
def test_whoever_waits_as_long_as_told_is_let_through(burst: float, rate: float, n: int) -> None:
    bucket, wait, now = None, 0.0, 0.0
    for _ in range(n):
        bucket, wait = take(bucket, Rate(burst, rate), now)
        if wait:
            now += wait + 1e-9
            bucket, again = take(bucket, Rate(burst, rate), now)
            assert again <= 1e-6


def test_a_clock_that_jumps_back_fills_nothing_and_takes_nothing() -> None:
    bucket, _ = take(None, Rate(3, 1), 100.0)
    bucket, wait = take(bucket, Rate(3, 1), 5.0)
    assert (bucket.tokens, wait) == (1, 0.0)


def test_who_finds_which_room() -> None:
    for access, relation in product(Access, Relation):
        found = access is not Access.HIDDEN or relation is not Relation.OUTSIDER
        assert may_find(standing(relation, access=access)) is found
        inside = relation in {Relation.MEMBER, Relation.FACILITATOR}
        assert is_inside(standing(relation)) is inside


def test_a_hidden_room_reads_like_none_and_a_found_one_says_join_first() -> None:
    for action in (Action.READ_MESSAGES, Action.SEND_MESSAGE, Action.SEE_MEMBERS):
        with pytest.raises(NotFound):
            check_may(standing(Relation.OUTSIDER, Role.ADMIN, access=Access.HIDDEN), action)
        with pytest.raises(NotAMember):
            check_may(standing(Relation.INVITED, access=Access.HIDDEN), action)
        check_may(standing(Relation.MEMBER), action)
    with pytest.raises(NotAllowed):
        check_may(standing(Relation.MEMBER), Action.INVITE_TO_ROOM)


def _joining(where: Standing, *, agree: bool = True, members: int = 0) -> type[Refusal] | None:
    try:
        check_join(where, agree=agree, members=members)
    except Refusal as refusal:
        return type(refusal)
    return None


def test_joining() -> None:
    out, asked, member = Relation.OUTSIDER, Relation.INVITED, Relation.MEMBER
    assert _joining(standing(out)) is None
    assert _joining(standing(out, access=Access.INVITATION)) is InvitationRequired
    assert _joining(standing(out, Role.ADMIN, access=Access.HIDDEN)) is NotFound
    for access in Access:
        assert _joining(standing(asked, access=access)) is None
        assert _joining(standing(member, access=access, agreements="Be kind"), agree=False) is None
    assert _joining(standing(asked, agreements="Be kind"), agree=False) is AgreementsRequired
    assert _joining(standing(asked, capacity=4), members=4) is RoomFull
    assert _joining(standing(member, capacity=4), members=4) is None


def test_speaking_needs_the_agreements_in_force() -> None:
    check_speak(standing(Relation.MEMBER))
    rules = {"agreements": "Be kind", "agreements_version": 2}
    check_speak(standing(Relation.MEMBER, agreed=2, **rules))
    with pytest.raises(AgreementsRequired):
        check_speak(standing(Relation.MEMBER, agreed=1, **rules))


def test_handing_over() -> None:
    for facilitators, others in ((2, 5), (1, 0)):
        check_hand_over(facilitators, others)
    with pytest.raises(LastFacilitator):
        check_hand_over(1, 1)
