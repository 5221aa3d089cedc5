"""Every setting with its default. From the environment, or from a TOML file.

The file is `chatserver.toml` in the current folder, or the one that CHATSERVER_CONFIG names. The
environment wins over the file. Names in the environment start with CHATSERVER_, but for
DATABASE_URL and REDIS_URL, which keep the names that hosting services give them.
"""

import os
import tomllib
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from people.refusal import Refusal

from .bus.addresses import redis_at

DATABASE_SCHEMES = ("postgresql", "postgres")


def _split(urls: SecretStr | None) -> list[str]:
    return [url.strip() for url in urls.get_secret_value().split(",")] if urls else []


class SettingsFileUnusable(Refusal):
    """The settings file cannot be read."""

    code = "settings_file_unusable"


class Settings(BaseSettings):
    """What can be set. `chatserver settings` prints all of it, with secrets masked."""

    model_config = SettingsConfigDict(
        env_prefix="CHATSERVER_", env_ignore_empty=True, extra="forbid", frozen=True
    )

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8080, ge=1, le=65535, description="Port to listen on.")
    public_url: str = Field(
        default="", description="How people reach the server, for links. Empty: http://HOST:PORT."
    )
    source_url: str = Field(
        default="",
        description="Where people find the source of this server. Set it if you changed it.",
    )
    data_dir: Path = Field(
        default=Path("data"),
        description="Folder of the private database and the community key file.",
    )
    database_url: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("DATABASE_URL", "database_url"),
        description="PostgreSQL to use. Without it a private one is started in data_dir.",
    )
    database_replica_urls: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("DATABASE_REPLICA_URLS", "database_replica_urls"),
        description="Replicas of the database to read older messages from, with commas between.",
    )
    redis_url: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("REDIS_URL", "redis_url"),
        description="Redis or Valkey to use: a server, a cluster, or Sentinels. "
        "Without it a private one is started.",
    )
    database_pool: int = Field(
        default=16, ge=2, le=200, description="Most database connections at once."
    )
    statement_cache: int = Field(
        default=256,
        ge=0,
        description="Prepared statements kept. 0 behind a pooler in transaction mode.",
    )
    migrate_on_start: bool = Field(
        default=True, description="Bring the database up to date on start."
    )
    run_worker: bool = Field(default=True, description="Do the background work inside `serve`.")
    community_keys: SecretStr | None = Field(
        default=None,
        description="Community keys in base64, the one in use first. Without them: the file.",
    )
    community_key_file: Path | None = Field(
        default=None, description="File of the community keys. Empty: data_dir/community.key."
    )
    message_burst: float = Field(
        default=8, ge=1, description="Messages that one person may send to one room at once."
    )
    message_rate: float = Field(default=1, gt=0, description="Messages a second after that.")
    event_burst: float = Field(default=120, ge=1, description="Requests at once on one connection.")
    event_rate: float = Field(default=30, gt=0, description="Requests a second after that.")
    connections_per_person: int = Field(
        default=20, ge=1, description="Open connections of one person."
    )
    packet_bytes: int = Field(default=100_000, ge=20_000, description="Largest packet accepted.")
    send_queue: int = Field(
        default=1000, ge=10, description="Packets waiting for one reader before it is cut off."
    )
    trusted_proxies: int = Field(
        default=0, ge=0, description="Reverse proxies in front, for the address in X-Forwarded-For."
    )
    allowed_origins: list[str] = Field(
        default=[], description="Web origins accepted beside the server's own."
    )
    metrics_token: SecretStr | None = Field(
        default=None,
        description="Bearer token for /metrics. Without it only this machine may read them.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least severe level that is logged."
    )
    presence_repeat_seconds: float = Field(
        default=10, gt=0, description="How often a node tells the others who is here."
    )
    presence_forget_seconds: float = Field(
        default=25,
        gt=0,
        description="Silence of a node after which nobody is here there; above two repeats.",
    )
    shutdown_seconds: float = Field(
        default=8,
        ge=0,
        le=120,
        description="Time that clients get to move on when the server stops.",
    )

    @field_validator("database_url", "database_replica_urls")
    @classmethod
    def _is_database(cls, given: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        urls = [given.get_secret_value()] if given else []
        if info.field_name == "database_replica_urls":
            urls = _split(given)
        if any(urlsplit(url).scheme not in DATABASE_SCHEMES for url in urls):
            names = " or ".join(f"{scheme}://" for scheme in DATABASE_SCHEMES)
            raise ValueError(f"it is to begin with {names}")
        return given

    @field_validator("redis_url")
    @classmethod
    def _is_redis(cls, given: SecretStr | None) -> SecretStr | None:
        if given is not None:
            redis_at(given.get_secret_value())
        return given

    @property
    def replica_urls(self) -> list[str]:
        """Where replicas of the database are reached."""
        return _split(self.database_replica_urls)

    @property
    def url(self) -> str:
        """Where people reach the server, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def secure(self) -> bool:
        """Whether people come by TLS; cookies are marked for it then."""
        return urlsplit(self.url).scheme == "https"

    @property
    def key_file(self) -> Path:
        """The file of the community keys."""
        return self.community_key_file or self.data_dir / "community.key"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first, then the environment, then the TOML file.

        Raises SettingsFileUnusable, also when a file was named and is not there.
        """
        named = os.environ.get("CHATSERVER_CONFIG")
        file = Path(named or "chatserver.toml")
        if named and not file.is_file():
            raise SettingsFileUnusable(reason=f"{file}: there is no such file")
        try:
            toml = TomlConfigSettingsSource(settings_cls, file)
        except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsFileUnusable(reason=f"{file}: {error}") from None
        return init_settings, env_settings, toml
