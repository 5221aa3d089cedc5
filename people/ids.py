"""Identifiers. UUID version 7, so that new rows land together in an index (RFC 9562)."""

from typing import NewType
from uuid import UUID

import uuid_utils.compat as uuid_utils

PersonId = NewType("PersonId", UUID)
SessionId = NewType("SessionId", UUID)


def new_uuid() -> UUID:
    """A fresh UUIDv7 of the standard library's type."""
    return uuid_utils.uuid7()
