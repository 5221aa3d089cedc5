"""Secrets that we hand out: only their hashes are stored."""

import hashlib
import secrets

TOKEN_BYTES = 32
"""256 bits: cannot be guessed, so a plain hash is enough to store it by."""


def new_token() -> str:
    """A fresh URL-safe secret."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> bytes:
    """What is stored instead of the secret."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
