"""Sealing and opening: AES-256-GCM (NIST SP 800-38D) through `cryptography`.

Nonces are 96 random bits. One room key is good for 2**32 messages at the usual bound of a
2**-32 chance of a repeated nonce; no room gets near it.
"""

import base64
import hashlib
import os
import secrets
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .errors import BodyUnreadable, CommunityKeyInvalid, CommunityKeyMissing
from .model import KEY_BYTES, CommunityKey, Keyring, WrappedKey

_VERSION = b"\x01"
_NONCE = 12


def community_key(secret: bytes) -> CommunityKey:
    """A community key, named by its fingerprint."""
    return CommunityKey(hashlib.sha256(b"community key\0" + secret).hexdigest()[:16], secret)


def new_community_key() -> CommunityKey:
    """A fresh one."""
    return community_key(secrets.token_bytes(KEY_BYTES))


def parse_keyring(text: str) -> Keyring:
    """Read keys in base64, separated by white space or commas. Raises CommunityKeyInvalid."""
    try:
        found = [
            base64.b64decode(part, altchars=b"-_", validate=True)
            for part in text.replace(",", " ").split()
        ]
    except ValueError:
        raise CommunityKeyInvalid from None
    if not found or any(len(secret) != KEY_BYTES for secret in found):
        raise CommunityKeyInvalid
    return Keyring(tuple(community_key(secret) for secret in found))


def format_keyring(keyring: Keyring) -> str:
    """The text that parse_keyring reads, one key on a line."""
    return "".join(base64.urlsafe_b64encode(k.secret).decode() + "\n" for k in keyring.keys)


class _Nonces:
    """Random nonces of AES-GCM, asked of the system by the hundred: asking takes longer than
    sealing. A forked process would have the same ones, so it begins anew."""

    _AT_ONCE = 100

    def __init__(self) -> None:
        self._left: list[bytes] = []
        os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        self._left = []

    def next(self) -> bytes:
        """One that was never given before."""
        try:
            return self._left.pop()
        except IndexError:
            fresh = secrets.token_bytes(_NONCE * self._AT_ONCE)
            self._left = [fresh[at : at + _NONCE] for at in range(0, len(fresh), _NONCE)]
            return self._left.pop()


_nonces = _Nonces()


def _seal(key: AESGCM, plain: bytes, bound_to: bytes) -> bytes:
    nonce = _nonces.next()
    return _VERSION + nonce + key.encrypt(nonce, plain, _VERSION + bound_to)


def _open(key: AESGCM, sealed: bytes, bound_to: bytes) -> bytes:
    if sealed[:1] != _VERSION:
        raise BodyUnreadable
    try:
        return key.decrypt(sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], _VERSION + bound_to)
    except (InvalidTag, ValueError):
        raise BodyUnreadable from None


def new_room_key(keyring: Keyring, room: UUID) -> WrappedKey:
    """A fresh data key for a room, wrapped by the current community key."""
    return wrap(keyring, room, AESGCM.generate_key(KEY_BYTES * 8))


def wrap(keyring: Keyring, room: UUID, data_key: bytes) -> WrappedKey:
    """Wrap a room's key; it can be unwrapped for that room only."""
    current = keyring.current
    return WrappedKey(current.id, _seal(AESGCM(current.secret), data_key, room.bytes))


def unwrap(keyring: Keyring, room: UUID, stored: WrappedKey) -> bytes:
    """A room's data key. Raises CommunityKeyMissing, BodyUnreadable."""
    for key in keyring.keys:
        if key.id == stored.key_id:
            return _open(AESGCM(key.secret), stored.wrapped, room.bytes)
    raise CommunityKeyMissing


def seal_text(key: AESGCM, room: UUID, message: UUID, text: str) -> bytes:
    """Encrypt a message's text, bound to its place: moved elsewhere it does not open."""
    return _seal(key, text.encode(), room.bytes + message.bytes)


def open_text(key: AESGCM, room: UUID, message: UUID, sealed: bytes) -> str:
    """Decrypt a message's text. Raises BodyUnreadable."""
    return _open(key, sealed, room.bytes + message.bytes).decode()
