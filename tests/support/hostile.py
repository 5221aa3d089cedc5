"""Payloads that nobody should send, derived from the protocol's own types.

A new event is covered as soon as it stands in the table: its fields are found by msgspec.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import inspect
from redis import asyncio as aioredis

from chatserver.protocol.common import Wire
from chatserver.services import Addresses

Json = Any
Payload = str
"""JSON as it goes over the wire, or something that claims to be."""

BIG = 90_000
"""Characters that still fit into a packet."""
HOSTILE = (
    "",
    "null",
    "true",
    "-1",
    "1.5",
    "1e999",
    "NaN",
    "-Infinity",
    "9" * 400,
    "9" * BIG,
    '"x',
    '""',
    '"\\ud800"',
    '"\\udfff\\ud800"',
    '"a\\u0000b"',
    '"\\u202e\\u2066right to left"',
    '"\'; DROP TABLE messages; --"',
    json.dumps("x" * BIG),
    "[]",
    "[" * 40_000,
    "[" * 40_000 + "]" * 40_000,
    '{"a":' * 15_000 + "1" + "}" * 15_000,
    '{"__proto__":{"roles":["admin"]}}',
    '{"_placeholder":true,"num":0}',
)
"""Raw JSON, good or bad, to stand where a value is expected."""
SAFE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Headers of every answer over HTTP."""


def fields(body: type[Wire]) -> tuple[inspect.Field, ...]:
    """The fields of a request."""
    found = inspect.type_info(body)
    assert isinstance(found, inspect.StructType)
    return found.fields


def fits(body: type[Wire], payload: Payload) -> bool:
    """Whether a payload is of the type after all."""
    try:
        msgspec.json.decode(payload, type=body)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return False
    return True


def example(body: type[Wire], **given: Json) -> dict[str, Json]:
    """A well-formed request that is about nothing that exists; `given` wins."""
    needed = [f for f in fields(body) if f.required]
    return {f.encode_name: given.get(f.encode_name, _plain(f.type)) for f in needed} | {
        f.encode_name: given[f.encode_name] for f in fields(body) if f.encode_name in given
    }


def _plain(kind: inspect.Type) -> Json:
    match kind:
        case inspect.Metadata():
            return _plain(kind.type)
        case inspect.UUIDType():
            return str(uuid4())
        case inspect.IntType():
            return kind.ge or 1
        case inspect.LiteralType():
            return kind.values[0]
        case inspect.BoolType():
            return True
        case _:
            return "plain"


def of_type(kind: inspect.Type) -> st.SearchStrategy[Json]:
    """Values of a field's type; every UUID among them is of nothing that exists."""
    match kind:
        case inspect.Metadata():
            found = of_type(kind.type)
        case inspect.NoneType():
            found = st.none()
        case inspect.BoolType():
            found = st.booleans()
        case inspect.UUIDType():
            found = st.uuids().map(str)
        case inspect.IntType():
            found = st.integers(kind.ge, kind.le)
        case inspect.StrType():
            found = st.text(min_size=kind.min_length or 0, max_size=min(kind.max_length or 80, 80))
        case inspect.LiteralType():
            found = st.sampled_from(kind.values)
        case inspect.UnionType():
            found = st.one_of([of_type(part) for part in kind.types])
        case _:
            raise NotImplementedError(f"say here how to make up a {kind}")
    return found


def well_formed(body: type[Wire]) -> st.SearchStrategy[dict[str, Json]]:
    """Requests of the type."""
    known = {f.encode_name: (f.required, of_type(f.type)) for f in fields(body)}
    return st.fixed_dictionaries(
        {name: values for name, (required, values) in known.items() if required},
        optional={name: values for name, (required, values) in known.items() if not required},
    )


_WORDS = st.text(st.characters(exclude_categories=()), max_size=8)
_ANYTHING: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _WORDS | st.uuids().map(str),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_WORDS, inner, max_size=4),
    max_leaves=8,
)


def _spoilt(body: type[Wire]) -> st.SearchStrategy[Json]:
    """Well-formed requests with one thing wrong: left out, added, or of another type."""
    names = [f.encode_name for f in fields(body)] or ["room"]
    good, one = well_formed(body), st.sampled_from(names)
    without = st.tuples(good, one).map(lambda p: {k: v for k, v in p[0].items() if k != p[1]})
    more = st.tuples(good, _WORDS, _ANYTHING).map(lambda p: p[0] | {p[1]: p[2]})
    other = st.tuples(good, one, _ANYTHING).map(lambda p: p[0] | {p[1]: p[2]})
    return without | more | other | good.map(lambda p: [p])


def malformed(body: type[Wire]) -> st.SearchStrategy[Payload]:
    """JSON that is not of the type."""
    return (_ANYTHING | _spoilt(body)).map(json.dumps).filter(lambda text: not fits(body, text))


def hostile(body: type[Wire], **given: Json) -> list[Payload]:
    """A request with each hostile value in the place of each field, and of the whole."""
    good = {name: json.dumps(value) for name, value in example(body, **given).items()}
    made = list(HOSTILE)
    for name in [f.encode_name for f in fields(body)] + ["unknown", "__proto__"]:
        made += [_object(good | {name: value}) for value in HOSTILE]
        made.append(_object(good | {name: '1,"room":[],"\\u0072oom":null'}))
    for field in fields(body):
        made += [_object(good | {field.encode_name: value}) for value in _beyond(field.type)]
    return made


def _beyond(kind: inspect.Type) -> list[str]:
    """Values just past a field's bounds, and far past them."""
    match kind:
        case inspect.Metadata():
            return _beyond(kind.type)
        case inspect.UnionType():
            return [value for part in kind.types for value in _beyond(part)]
        case inspect.IntType():
            least, most = kind.ge or 0, kind.le or 0
            return [str(n) for n in (least - 1, most + 1, 2**63, 2**64, -(2**63) - 1, 10**400)]
        case inspect.StrType():
            return [json.dumps("x" * ((kind.max_length or BIG) + 1))]
        case _:
            return []


def _object(raw: dict[str, str]) -> Payload:
    return "{" + ",".join(f"{json.dumps(name)}:{value}" for name, value in raw.items()) + "}"


def check_headers(headers: Any) -> None:
    """No answer may be framed, sniffed, or read by a page from elsewhere."""
    assert {name: headers.get(name) for name in SAFE} == SAFE
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Access-Control-Allow-Origin" not in headers


async def for_all(
    examples: st.SearchStrategy[Payload], check: Callable[[Payload], Awaitable[None]], most: int
) -> None:
    """Let hypothesis choose, and shrink, while the loop of the test goes on serving."""
    loop = asyncio.get_running_loop()

    @settings(
        max_examples=most, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(examples)
    def run(payload: Payload) -> None:
        async def one() -> None:
            await check(payload)

        asyncio.run_coroutine_threadsafe(one(), loop).result()

    await asyncio.to_thread(run)


async def lose_hints(addresses: Addresses) -> None:
    """Redis forgets everything and everybody who listens; they come back in a moment."""
    redis = aioredis.from_url(addresses.redis_url)
    await redis.flushall()
    await redis.client_kill_filter(_type="pubsub")
    await redis.aclose()
