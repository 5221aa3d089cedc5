"""The bus: hints between the nodes of one community, over Redis.

`bus.py` is what the rest of the server uses; `hints.py` says what can be hinted. Below them:
`server.py` (one server of Redis: `listener.py` and `speaker.py`), `cluster.py` (which server, where
there are several), `addresses.py` (what REDIS_URL may say), `solitude.py` (when nobody listens) and
`wire.py` (a connection).
"""

from .addresses import redis_at
from .bus import Bus
from .hints import (
    PEOPLE,
    Added,
    Altered,
    AnyHint,
    MembershipHint,
    PersonHint,
    Present,
    ReadHint,
    RoomHint,
    Typing,
    room_channel,
)

__all__ = [
    "PEOPLE",
    "Added",
    "Altered",
    "AnyHint",
    "Bus",
    "MembershipHint",
    "PersonHint",
    "Present",
    "ReadHint",
    "RoomHint",
    "Typing",
    "redis_at",
    "room_channel",
]
