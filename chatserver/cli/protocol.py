"""export-protocol: the wire contract as a document."""

import json

import click

from chatserver.protocol.schema import asyncapi, json_schema, openapi

FORMATS = {"asyncapi": asyncapi, "openapi": openapi, "schema": json_schema}


@click.command("export-protocol")
@click.option(
    "--format",
    "kind",
    type=click.Choice(list(FORMATS)),
    default="asyncapi",
    show_default=True,
    help="asyncapi: the socket. openapi: HTTP. schema: all types, for generating clients.",
)
def export_protocol(kind: str) -> None:
    """Print the protocol, generated from the server's own tables."""
    click.echo(json.dumps(FORMATS[kind](), indent=2, ensure_ascii=False))
