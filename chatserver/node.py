"""One running server: all of its parts, put together once."""

import hmac
from dataclasses import dataclass
from uuid import UUID

from moderation.screening import PhraseScreen
from people.ids import new_uuid
from rooms.chat.rules import Rate
from rooms.chat.service import Tools
from rooms.vault.service import Vault

from .bus import AnyHint, Bus
from .clock import Clock
from .connections import Connections
from .database import Database
from .fanout import Fanout
from .freshness import Freshness
from .history import History, Replica
from .limits import Limits
from .metrics import Metrics
from .presence import Presence
from .publisher import Publisher
from .settings import Settings
from .turn import Turn
from .writer import Writer


@dataclass(frozen=True, slots=True)
class Node:
    """What handlers work with."""

    id: UUID
    settings: Settings
    clock: Clock
    turn: Turn
    database: Database
    metrics: Metrics
    connections: Connections
    bus: Bus
    fanout: Fanout
    presence: Presence
    freshness: Freshness
    history: History
    publisher: Publisher
    tools: Tools
    writer: Writer
    limits: Limits
    throttle_secret: bytes


def build_node(
    settings: Settings, database: Database, redis_url: str, vault: Vault, clock: Clock
) -> Node:
    """Put the parts together; nothing runs yet."""
    node, metrics, turn = new_uuid(), Metrics(), Turn()
    connections = Connections(metrics, settings.connections_per_person)

    def receive(hint: AnyHint) -> None:
        publisher.receive(hint)

    def up() -> None:
        for live in fanout.rooms():
            fanout.recover(live)
        presence.repeat()

    bus = Bus(redis_url, node, metrics, receive=receive, up=up)
    fanout = Fanout(database, vault, bus, metrics, clock, turn)
    presence = Presence(node, fanout, bus, settings.presence_forget_seconds)
    fanout.followers_changed = presence.changed
    freshness = Freshness(database, connections, fanout, presence, clock)
    publisher = Publisher(bus, connections, fanout, freshness, presence)
    tools = Tools(vault, PhraseScreen())
    return Node(
        id=node,
        settings=settings,
        clock=clock,
        turn=turn,
        database=database,
        metrics=metrics,
        connections=connections,
        bus=bus,
        fanout=fanout,
        presence=presence,
        freshness=freshness,
        history=History(database, _replicas(settings), metrics),
        publisher=publisher,
        tools=tools,
        writer=Writer(database, tools.screen, clock, metrics, publisher.publish),
        limits=Limits(
            Rate(settings.event_burst, settings.event_rate),
            Rate(settings.message_burst, settings.message_rate),
        ),
        throttle_secret=hmac.digest(vault.keyring.current.secret, b"sign-in throttle", "sha256"),
    )


def _replicas(settings: Settings) -> list[Replica]:
    size, cache = settings.database_pool, settings.statement_cache
    return [Replica(url, size, cache) for url in settings.replica_urls]
