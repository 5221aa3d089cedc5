"""Sealing and opening: only the right key, room and message open what was sealed."""

from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from rooms.vault.errors import BodyUnreadable, CommunityKeyInvalid, CommunityKeyMissing
from rooms.vault.model import KEY_BYTES, Keyring, WrappedKey
from rooms.vault.rules import (
    community_key,
    format_keyring,
    new_community_key,
    new_room_key,
    open_text,
    parse_keyring,
    seal_text,
    unwrap,
    wrap,
)

ROOM, MESSAGE = UUID(int=1), UUID(int=2)
KEY = AESGCM(bytes(range(32)))
SECRETS = st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES)
TEXTS = st.text(max_size=200)


@given(TEXTS, st.uuids(), st.uuids())
def test_what_is_sealed_opens_again(text: str, room: UUID, message: UUID) -> None:
    assert open_text(KEY, room, message, seal_text(KEY, room, message, text)) == text


@given(TEXTS)
def test_the_same_text_is_never_sealed_the_same(text: str) -> None:
    one, other = (seal_text(KEY, ROOM, MESSAGE, text) for _ in range(2))
    assert one != other
    assert len(one) == len(text.encode()) + 29
    assert len(text) < 4 or text.encode() not in one


@given(TEXTS, st.uuids(), st.uuids(), SECRETS)
def test_another_room_message_or_key_opens_nothing(
    text: str, room: UUID, message: UUID, secret: bytes
) -> None:
    sealed = seal_text(KEY, ROOM, MESSAGE, text)
    others = ((KEY, room, MESSAGE), (KEY, ROOM, message), (AESGCM(secret), ROOM, MESSAGE))
    for key, in_room, as_message in others:
        if (key, in_room, as_message) != (KEY, ROOM, MESSAGE):
            with pytest.raises(BodyUnreadable):
                open_text(key, in_room, as_message, sealed)
    with pytest.raises(BodyUnreadable):
        open_text(KEY, MESSAGE, ROOM, sealed)


@given(TEXTS, st.data())
def test_one_bit_turned_is_found(text: str, data: st.DataObject) -> None:
    sealed = bytearray(seal_text(KEY, ROOM, MESSAGE, text))
    place = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[place // 8] ^= 1 << place % 8
    with pytest.raises(BodyUnreadable):
        open_text(KEY, ROOM, MESSAGE, bytes(sealed))


@given(TEXTS, st.data())
def test_a_part_of_it_opens_nothing(text: str, data: st.DataObject) -> None:
    sealed = seal_text(KEY, ROOM, MESSAGE, text)
    end = data.draw(st.integers(0, len(sealed) - 1))
    for part in (sealed[:end], sealed[: end + 1] + b"\0"):
        with pytest.raises(BodyUnreadable):
            open_text(KEY, ROOM, MESSAGE, part)


@given(st.binary(max_size=80))
def test_what_was_never_sealed_is_unreadable(junk: bytes) -> None:
    for sealed in (junk, b"\x01" + junk):
        with pytest.raises(BodyUnreadable):
            open_text(KEY, ROOM, MESSAGE, sealed)


@given(st.lists(SECRETS, min_size=1, max_size=4, unique=True))
def test_a_keyring_is_read_as_it_was_written(secrets: list[bytes]) -> None:
    ring = Keyring(tuple(map(community_key, secrets)))
    assert parse_keyring(format_keyring(ring)) == ring
    assert parse_keyring(format_keyring(ring).replace("\n", " , ")) == ring
    assert all(key.secret.hex() not in repr(ring) for key in ring.keys)


@given(st.text())
def test_what_is_no_keyring_is_refused_as_such(text: str) -> None:
    with pytest.raises(CommunityKeyInvalid):
        parse_keyring(text)


@pytest.mark.parametrize("text", ["", " \n", "AAAA", "é" * 44, "A" * 43, "A" * 44 + "=", "\ud800"])
def test_keyrings_that_are_none(text: str) -> None:
    with pytest.raises(CommunityKeyInvalid):
        parse_keyring(text)


def test_a_room_key_is_unwrapped_by_any_key_of_the_ring_and_for_its_room_only() -> None:
    old, new = new_community_key(), new_community_key()
    stored = new_room_key(Keyring((old,)), ROOM)
    secret = unwrap(Keyring((new, old)), ROOM, stored)
    assert len(secret) == KEY_BYTES
    again = wrap(Keyring((new, old)), ROOM, secret)
    assert again.key_id == new.id != old.id
    assert unwrap(Keyring((new,)), ROOM, again) == secret
    with pytest.raises(CommunityKeyMissing):
        unwrap(Keyring((new,)), ROOM, stored)
    with pytest.raises(BodyUnreadable):
        unwrap(Keyring((old,)), MESSAGE, stored)
    with pytest.raises(BodyUnreadable):
        unwrap(Keyring((new,)), ROOM, WrappedKey(new.id, stored.wrapped))
