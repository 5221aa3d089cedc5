"""Keys. One community key wraps one data key per room; a room's key seals its messages."""

from dataclasses import dataclass, field

KEY_BYTES = 32
"""AES-256."""


@dataclass(frozen=True, slots=True)
class CommunityKey:
    """A key that wraps room keys. `id` is a short fingerprint: it names the key, no more."""

    id: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Keyring:
    """The community keys in use; the first wraps, all of them unwrap."""

    keys: tuple[CommunityKey, ...]

    @property
    def current(self) -> CommunityKey:
        """The one that new rooms are wrapped by."""
        return self.keys[0]


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A room's data key as it is stored."""

    key_id: str
    wrapped: bytes
