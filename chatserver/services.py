"""PostgreSQL and Redis: those that the settings name, or private ones."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from .embedded import EmbeddedError, embedded_services
from .settings import Settings


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where both are reached."""

    database_url: str
    redis_url: str
    attached: bool = False
    """Another server runs the private services; this one is a further node."""


@asynccontextmanager
async def services(
    settings: Settings,
    progress: Callable[[str], None],
    on_failure: Callable[[EmbeddedError], None] | None = None,
) -> AsyncIterator[Addresses]:
    """Both services while the block runs. What is named is used; what is not is started.

    Raises EmbeddedError.
    """
    database, redis = settings.database_url, settings.redis_url
    if database is not None and redis is not None:
        yield Addresses(database.get_secret_value(), redis.get_secret_value())
        return
    async with embedded_services(
        settings.data_dir, progress=progress, on_failure=on_failure
    ) as own:
        yield Addresses(
            database.get_secret_value() if database else own.database_url,
            redis.get_secret_value() if redis else own.redis_url,
            attached=not own.owner,
        )
