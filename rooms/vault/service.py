"""The vault of one process: room keys unwrapped once and kept in memory."""

from collections import OrderedDict
from collections.abc import Callable
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from people.connection import Conn

from . import rules, store
from .errors import CommunityKeyMissing
from .model import Keyring, WrappedKey

KEPT_KEYS = 10_000
"""Room keys kept at a time, about 200 bytes each."""


class Vault:
    """Seals and opens texts. `load` reads the community keys anew: after a rotation elsewhere,
    the first room wrapped by a key not yet known makes the vault read them again."""

    def __init__(self, load: Callable[[], Keyring]) -> None:
        self._load = load
        self.keyring = load()
        self._keys: OrderedDict[UUID, AESGCM] = OrderedDict()

    def new_room_key(self, room: UUID) -> WrappedKey:
        """A fresh data key for a room, wrapped for storing by the community key of now."""
        self.keyring = self._load()
        return rules.new_room_key(self.keyring, room)

    def seal(self, room: UUID, stored: WrappedKey, message: UUID, text: str) -> bytes:
        """Encrypt a message's text. Raises CommunityKeyMissing."""
        return rules.seal_text(self._key(room, stored), room, message, text)

    def open(self, room: UUID, stored: WrappedKey, message: UUID, sealed: bytes) -> str:
        """Decrypt a message's text. Raises BodyUnreadable, CommunityKeyMissing."""
        return rules.open_text(self._key(room, stored), room, message, sealed)

    def _key(self, room: UUID, stored: WrappedKey) -> AESGCM:
        known = self._keys.get(room)
        if known is None:
            known = self._keys[room] = AESGCM(self._unwrap(room, stored))
            if len(self._keys) > KEPT_KEYS:
                self._keys.popitem(last=False)
        else:
            self._keys.move_to_end(room)
        return known

    def _unwrap(self, room: UUID, stored: WrappedKey) -> bytes:
        try:
            return rules.unwrap(self.keyring, room, stored)
        except CommunityKeyMissing:
            self.keyring = self._load()
            return rules.unwrap(self.keyring, room, stored)


async def rewrap_all(conn: Conn, keyring: Keyring) -> int:
    """Wrap every room's key by the current community key; how many were wrapped anew.

    Bodies stay as they are: only the small wrapped keys change. Waits for rooms that are just
    being made. Raises CommunityKeyMissing.
    """
    await store.lock_rooms(conn)
    stale = await store.wrapped_by_others(conn, keyring.current.id)
    for room, stored in stale:
        fresh = rules.wrap(keyring, room, rules.unwrap(keyring, room, stored))
        await store.replace(conn, room, fresh)
    return len(stale)
