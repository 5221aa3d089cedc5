"""A private PostgreSQL and a private Valkey, for a server that was given no addresses.

Both run as children of the server, reachable through sockets in a closed folder only. They end
with the server, whatever ends it, and come back by themselves when they die.
"""

from chatserver.embedded.errors import EmbeddedError
from chatserver.embedded.services import Options, Services, embedded_services

__all__ = ["EmbeddedError", "Options", "Services", "embedded_services"]
