"""settings: what is set, and to what."""

import json

import click
from pydantic import SecretStr

from chatserver.settings import Settings


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def settings(as_json: bool) -> None:
    """Every setting: its value, its default and what it is for. Secrets are masked."""
    found = Settings()
    if as_json:
        click.echo(found.model_dump_json(indent=2))
        return
    for name, field in Settings.model_fields.items():
        value = getattr(found, name)
        shown = "********" if isinstance(value, SecretStr) else value
        default = json.dumps(field.default, default=str)
        click.echo(f"{_variable(name)} = {shown}")
        click.echo(f"    {field.description} Default: {default}.")


def _variable(name: str) -> str:
    plain = {"database_url", "redis_url"}
    return name.upper() if name in plain else f"CHATSERVER_{name.upper()}"
