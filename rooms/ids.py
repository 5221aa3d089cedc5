"""Identifiers of rooms and messages."""

from typing import NewType
from uuid import UUID

RoomId = NewType("RoomId", UUID)
MessageId = NewType("MessageId", UUID)
