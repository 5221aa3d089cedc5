"""The protocol as documents: JSON Schema, AsyncAPI 3 for events, OpenAPI 3.1 for HTTP."""

import inspect
from typing import Any

import msgspec

from chatserver import __version__

from .common import Error, Wire
from .routes import ROUTES, Access, Route
from .table import EVENTS, REQUESTS

Document = dict[str, Any]


def _schemas(types: list[type[Wire]], prefix: str) -> tuple[list[Document], Document]:
    refs, components = msgspec.json.schema_components(types, ref_template=prefix + "{name}")
    return list(refs), dict(components)


def _doc(body: type[Wire]) -> str:
    return inspect.cleandoc(body.__doc__ or "")


def json_schema() -> Document:
    """Every type of the socket and of HTTP, for generating clients."""
    bodies = [t for row in REQUESTS.values() for t in (row.body, row.answer)]
    bodies += [row.body for row in EVENTS.values()] + [Error]
    bodies += [t for r in ROUTES for t in (r.body, r.answer) if t is not None]
    unique = list(dict.fromkeys(bodies))
    refs, components = _schemas(unique, "#/$defs/")
    by_type = dict(zip(unique, refs, strict=True))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$defs": components,
        "requests": {
            name: {"request": by_type[row.body], "answer": by_type[row.answer]}
            for name, row in REQUESTS.items()
        },
        "events": {name: by_type[row.body] for name, row in EVENTS.items()},
    }


def asyncapi() -> Document:
    """The socket: what a client may ask, with the permission that decides, and what it is told."""
    bodies = [t for row in REQUESTS.values() for t in (row.body, row.answer)]
    bodies += [row.body for row in EVENTS.values()] + [Error]
    unique = list(dict.fromkeys(bodies))
    refs, components = _schemas(unique, "#/components/schemas/")
    ref = dict(zip(unique, refs, strict=True))
    messages: Document = {}
    for name, row in REQUESTS.items():
        messages[name] = {
            "name": name,
            "summary": _doc(row.body),
            "payload": ref[row.body],
            "x-action": row.action.value,
        }
        messages[f"{name}.answer"] = {
            "name": f"{name}.answer",
            "payload": _envelope(ref[row.answer], ref[Error]),
        }
    for name, event in EVENTS.items():
        messages[name] = {"name": name, "summary": _doc(event.body), "payload": ref[event.body]}
    channel = {"$ref": "#/channels/socket"}
    operations = {
        _operation(name): {
            "action": "receive",
            "channel": channel,
            "messages": [_message(name)],
            "reply": {"channel": channel, "messages": [_message(f"{name}.answer")]},
        }
        for name in REQUESTS
    } | {
        _operation(name): {"action": "send", "channel": channel, "messages": [_message(name)]}
        for name in EVENTS
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "chatserver, socket",
            "version": __version__,
            "description": "Socket.IO v5 at /socket.io/. Requests are acknowledged events.",
        },
        "channels": {
            "socket": {
                "address": "/socket.io/",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
            }
        },
        "operations": operations,
        "components": {"messages": messages, "schemas": components},
    }


def _operation(name: str) -> str:
    return name.replace(":", "_")


def _message(name: str) -> Document:
    return {"$ref": f"#/channels/socket/messages/{name}"}


def _envelope(answer: Document, error: Document) -> Document:
    return {
        "oneOf": [
            {
                "type": "object",
                "required": ["ok", "data"],
                "properties": {"ok": {"const": True}, "data": answer},
            },
            {
                "type": "object",
                "required": ["ok", "error"],
                "properties": {"ok": {"const": False}, "error": error},
            },
        ]
    }


def openapi() -> Document:
    """The HTTP interface."""
    bodies = [t for r in ROUTES for t in (r.body, r.answer) if t is not None] + [Error]
    unique = list(dict.fromkeys(bodies))
    refs, components = _schemas(unique, "#/components/schemas/")
    ref = dict(zip(unique, refs, strict=True))
    paths: Document = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _path(route, ref)
    return {
        "openapi": "3.1.0",
        "info": {"title": "chatserver, HTTP", "version": __version__},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "cookie": {"type": "apiKey", "in": "cookie", "name": "chat_session"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _path(route: Route, ref: dict[type[Wire], Document]) -> Document:
    def content(schema: Document) -> Document:
        return {"application/json": {"schema": schema}}

    answer = _envelope(ref[route.answer], ref[Error])
    found: Document = {
        "operationId": route.name,
        "summary": route.summary,
        "responses": {
            "200": {"description": "Done.", "content": content(answer)},
            "default": {"description": "Refused.", "content": content(answer)},
        },
    }
    names = [part[1:-1] for part in route.path.split("/") if part.startswith("{")]
    if names:
        found["parameters"] = [
            {"name": n, "in": "path", "required": True, "schema": {"type": "string"}} for n in names
        ]
    if route.body is not None:
        found["requestBody"] = {"required": True, "content": content(ref[route.body])}
    if route.access is Access.SIGNED_IN:
        found["security"] = [{"cookie": []}, {"bearer": []}]
    return found
