"""Rules of accounts, sessions, roles and blocks, without any service."""

import unicodedata
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from people.accounts.errors import (
    CommunityNameEmpty,
    HandleInvalid,
    HandleReserved,
    PasswordTooCommon,
    PasswordTooShort,
    SignInThrottled,
    Suspended,
)
from people.accounts.model import Failures
from people.accounts.rules import (
    FREE_ADDRESS_FAILURES,
    FREE_PAIR_FAILURES,
    LONGEST_WAIT,
    check_active,
    check_may_invite,
    check_password,
    check_sign_in,
    community_name,
    handle_key,
    normal_handle,
)
from people.blocks.errors import BlockSelf
from people.blocks.rules import check_block
from people.ids import PersonId, SessionId
from people.permissions import (
    TABLE,
    Action,
    Principal,
    Relation,
    Role,
    allowed,
    keeps_watch,
    require,
)
from people.refusal import NotAllowed, NotFound
from people.sessions.model import LIFETIME, SEEN_EVERY, Session
from people.sessions.rules import device_name, is_live, wants_seen
from people.tokens import new_token, token_hash

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ME, OTHER = PersonId(UUID(int=1)), PersonId(UUID(int=2))
ANY_TEXT = st.text(st.characters(exclude_categories=()))
ROLES = st.frozensets(st.sampled_from(Role)).map(lambda roles: roles | {Role.MEMBER})
ABOUT_MESSAGES = (
    Action.READ_MESSAGES,
    Action.SEND_MESSAGE,
    Action.CHANGE_OWN_MESSAGE,
    Action.REACT,
    Action.MODERATE_MESSAGE,
)


def somebody(*roles: Role, suspended: bool = False) -> Principal:
    return Principal(ME, "me", frozenset({Role.MEMBER, *roles}), NOW if suspended else None)


@given(ANY_TEXT)
@example("\u1e9e")
@example("\u0345\u03b1")
def test_the_key_of_a_handle_is_its_own_key(handle: str) -> None:
    key = handle_key(handle)
    assert handle_key(key) == key


@given(st.text(st.characters(categories=("L", "N")) | st.sampled_from("._- "), max_size=40))
def test_a_handle_that_is_accepted_stays_as_it_is_and_has_one_spelling(handle: str) -> None:
    try:
        shown = normal_handle(handle)
    except (HandleInvalid, HandleReserved):
        return
    assert normal_handle(shown) == shown == unicodedata.normalize("NFKC", shown)
    assert 2 <= len(shown) <= 32
    assert shown[0].isalnum()
    assert shown[-1].isalnum()
    assert handle_key(shown) == handle_key(handle)


@pytest.mark.parametrize(
    "handle",
    ["", "a", "a" * 33, "a b", "_ab", "ab_", ".ab", "ab-", "a\0b", "a\u202eb", "a\u200bb", "<b>",
     "a@b", "a/b", "a\nb", "\u0301ab", "👋👋", "a\u0301\u0301b"],
)  # fmt: skip
def test_handles_that_are_none(handle: str) -> None:
    with pytest.raises(HandleInvalid):
        normal_handle(handle)


@pytest.mark.parametrize(
    "handle", ["admin", "ADMIN", "\uff21dmin", "Moderator", "system", " server "]
)
def test_handles_that_could_be_mistaken_for_staff(handle: str) -> None:
    with pytest.raises(HandleReserved):
        normal_handle(handle)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Robin", "ROBIN"), ("\uff32obin", "robin"), ("\ufb01n", "fin"), ("Straße", "STRASSE")],
)
def test_handles_that_look_the_same_are_the_same(one: str, other: str) -> None:
    assert handle_key(one) == handle_key(other)


@given(ANY_TEXT, st.text(min_size=2, max_size=32))
def test_no_password_makes_the_check_fail_in_another_way(password: str, handle: str) -> None:
    try:
        check_password(password, handle)
    except (PasswordTooShort, PasswordTooCommon):
        return
    assert len(password) >= 10
    assert len(set(password)) > 1


@pytest.mark.parametrize(
    "password", ["aaaaaaaaaaaa", "password1234", "robinrobin12", "1234567890", "Password!!"]
)
def test_passwords_that_are_guessed_first(password: str) -> None:
    with pytest.raises(PasswordTooCommon):
        check_password(password, "robin")


def test_plain_words_are_a_password() -> None:
    check_password("four plain words here", "robin")
    with pytest.raises(PasswordTooShort):
        check_password("four plai", "robin")


@given(
    st.integers(0, 10**9),
    st.integers(0, 10**9),
    st.none() | st.timedeltas(timedelta(0), timedelta(hours=2)).map(lambda ago: NOW - ago),
)
def test_nobody_is_locked_out_for_longer_than_it_says(
    pair: int, address: int, last: datetime | None
) -> None:
    failures = Failures(pair, address, last)
    try:
        check_sign_in(failures, NOW)
    except SignInThrottled as refusal:
        wait = refusal.retry_after
        assert wait is not None
        assert 0 < wait <= LONGEST_WAIT.total_seconds() + 0.1
        check_sign_in(failures, NOW + timedelta(seconds=wait))
        assert pair >= FREE_PAIR_FAILURES or address >= FREE_ADDRESS_FAILURES


def test_the_wait_grows_with_each_failure_past_the_free_ones() -> None:
    waits = []
    for pair in range(FREE_PAIR_FAILURES, FREE_PAIR_FAILURES + 12):
        with pytest.raises(SignInThrottled) as refused:
            check_sign_in(Failures(pair, 0, NOW), NOW)
        waits.append(refused.value.retry_after)
    assert waits[:4] == [1, 2, 4, 8]
    assert waits == sorted(waits, key=lambda wait: wait or 0)
    check_sign_in(Failures(FREE_PAIR_FAILURES - 1, FREE_ADDRESS_FAILURES - 1, NOW), NOW)


def test_who_may_ask_whom_in() -> None:
    for role in Role:
        check_may_invite(somebody(Role.ADMIN), role)
    check_may_invite(somebody(Role.MODERATOR), Role.MEMBER)
    for own in (Role.MEMBER, Role.PEER, Role.SAFETY_LEAD):
        with pytest.raises(NotAllowed):
            check_may_invite(somebody(own), Role.MEMBER)
    with pytest.raises(NotAllowed):
        check_may_invite(somebody(Role.MODERATOR), Role.PEER)


def test_small_checks() -> None:
    check_active(somebody())
    with pytest.raises(Suspended):
        check_active(somebody(suspended=True))
    check_block(somebody(), OTHER)
    with pytest.raises(BlockSelf):
        check_block(somebody(), ME)
    assert community_name("  Home ") == "Home"
    with pytest.raises(CommunityNameEmpty):
        community_name(" \t ")


def test_the_table_has_a_row_for_every_action() -> None:
    assert TABLE.keys() == set(Action)


@given(ROLES, ROLES, st.sampled_from(Action), st.sampled_from(Relation))
def test_one_more_role_never_takes_anything_away(
    some: frozenset[Role], more: frozenset[Role], action: Action, relation: Relation
) -> None:
    assert allowed(some | more, action, relation) or not allowed(some, action, relation)


@given(ROLES, st.sampled_from(ABOUT_MESSAGES), st.sampled_from(Relation))
def test_being_an_admin_opens_no_conversation(
    roles: frozenset[Role], action: Action, relation: Relation
) -> None:
    without = roles - {Role.ADMIN}
    assert allowed(roles, action, relation) is allowed(without, action, relation)


@given(
    ROLES, st.sampled_from(ABOUT_MESSAGES), st.sampled_from([Relation.OUTSIDER, Relation.INVITED])
)
def test_nobody_outside_touches_messages(
    roles: frozenset[Role], action: Action, relation: Relation
) -> None:
    assert not allowed(roles, action, relation)
    with pytest.raises((NotFound, NotAllowed)):
        require(Principal(ME, "me", roles), action, relation)
    assert not keeps_watch(Principal(ME, "me", roles), relation)


@given(ROLES, st.sampled_from(Action), st.sampled_from(Relation))
def test_requiring_is_asking(roles: frozenset[Role], action: Action, relation: Relation) -> None:
    try:
        require(Principal(ME, "me", roles), action, relation)
    except (NotFound, NotAllowed):
        assert not allowed(roles, action, relation)
    else:
        assert allowed(roles, action, relation)


@given(st.timedeltas(timedelta(days=-40), timedelta(days=40)))
def test_a_session_lives_for_its_time(later: timedelta) -> None:
    session = Session(SessionId(UUID(int=3)), ME, "a phone", NOW, NOW, NOW + LIFETIME)
    assert is_live(session, NOW + later) is (later < LIFETIME)
    assert wants_seen(session, NOW + later) is (later >= SEEN_EVERY)


@given(ANY_TEXT)
@example("Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit Chrome/130 Mobile Safari SECRET")
def test_of_a_user_agent_two_known_words_are_kept(agent: str) -> None:
    words = {"Edge", "Firefox", "Chrome", "Safari", "iPhone", "iPad", "Android", "Windows",
             "Mac OS", "CrOS", "Linux", "another device"}  # fmt: skip
    assert set(device_name(agent).split(", ")) <= words


@given(ANY_TEXT)
def test_whatever_is_given_as_a_token_has_a_hash(token: str) -> None:
    assert len(token_hash(token)) == 32
    assert token_hash(token) == token_hash(token)


def test_tokens_differ_and_are_long() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert min(map(len, tokens)) >= 43
