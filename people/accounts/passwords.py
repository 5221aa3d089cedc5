"""Password hashing with argon2id (argon2-cffi). Slow on purpose, so it runs beside the loop."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""OWASP's first choice for argon2id: 19 MiB, two passes. Fits a cheap machine."""

_AT_ONCE = 2
"""Hashes under way at a time in this process: bounds memory and keeps cores for messages."""

_threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="argon2")
_nobody = _hasher.hash("nobody has this password")


async def hash_password(password: str) -> str:
    """The hash to store."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _hasher.hash, password)


async def password_matches(stored: str | None, password: str) -> bool:
    """Whether the password belongs to the hash. Without a hash it takes as long and says no, so
    that time does not tell which handles exist."""
    loop = asyncio.get_running_loop()
    found = await loop.run_in_executor(_threads, _verify, stored or _nobody, password)
    return found and stored is not None


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
