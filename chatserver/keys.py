"""Where the community keys come from: the environment, or a file that only the server reads."""

import os
from collections.abc import Callable
from pathlib import Path

from rooms.vault.model import Keyring
from rooms.vault.rules import format_keyring, new_community_key, parse_keyring

from .settings import Settings


def keyring_loader(settings: Settings) -> Callable[[], Keyring]:
    """What reads the keys, anew each time. Makes the file on first use.

    The loader raises CommunityKeyInvalid.
    """
    if settings.community_keys is not None:
        text = settings.community_keys.get_secret_value()
        return lambda: parse_keyring(text)
    file = settings.key_file
    make_key_file(file)
    return lambda: parse_keyring(file.read_text("ascii"))


def make_key_file(file: Path) -> None:
    """Make a key file with one fresh key, unless there is one.

    Of several servers that start at once, one makes it and all use that one: a key that was
    replaced after use would leave what it sealed unreadable.
    """
    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = file.with_name(f"{file.name}.{os.getpid()}")
    _write(fresh, Keyring((new_community_key(),)))
    try:
        file.hardlink_to(fresh)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def write_key_file(file: Path, keyring: Keyring) -> None:
    """Replace the file as a whole; a crash leaves the old one."""
    fresh = file.with_name(file.name + ".new")
    _write(fresh, keyring)
    fresh.replace(file)


def _write(fresh: Path, keyring: Keyring) -> None:
    """Write a new file, readable by its owner only, and have it on the disk."""
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as out:
        out.write(format_keyring(keyring))
        out.flush()
        os.fsync(out.fileno())
