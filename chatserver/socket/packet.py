"""Socket.IO v5 packets as pure functions: text in, parts out.

https://socket.io/docs/v4/socket-io-protocol/ - the packet is its type, for binary ones the number
of attachments and "-", the namespace and "," unless it is "/", the acknowledgement id, and JSON.
The "," may be left out where nothing follows, as in "1/name".
"""

import re
from dataclasses import dataclass
from enum import IntEnum

import msgspec

from chatserver.protocol.common import Error, Wire
from people.refusal import Refusal

from .frames import text_frame


class PacketType(IntEnum):
    """The protocol's packet types."""

    CONNECT = 0
    DISCONNECT = 1
    EVENT = 2
    ACK = 3
    CONNECT_ERROR = 4
    BINARY_EVENT = 5
    BINARY_ACK = 6


MAX_ID_DIGITS = 15
"""An acknowledgement id stays an exact number in JavaScript."""

_HEADER = re.compile(
    rf"([0-6])(?:\d{{1,10}}-)?(?:(/[^,]{{0,100}})(?:,|\Z))?(\d{{1,{MAX_ID_DIGITS}}})?(?![\d/])",
    re.ASCII,
)
_REQUEST = re.compile(rf"2(\d{{1,{MAX_ID_DIGITS}}})\[", re.ASCII)
_request = msgspec.json.Decoder(tuple[str, msgspec.Raw])
_event = msgspec.json.Decoder(list[msgspec.Raw])
_NOTHING = msgspec.Raw(b"{}")
_name = msgspec.json.Decoder(str)
_encoder = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Header:
    """What stands before the JSON; `body` is the JSON, not yet looked at."""

    type: PacketType
    namespace: str
    id: int | None
    body: str


def parse_header(packet: str) -> Header | None:
    """Take a packet apart; None when it is none."""
    found = _HEADER.match(packet)
    if found is None:
        return None
    kind, namespace, number = found.groups()
    return Header(
        PacketType(int(kind)),
        namespace or "/",
        int(number) if number else None,
        packet[found.end() :],
    )


def parse_event(body: str) -> tuple[str, msgspec.Raw] | None:
    """An event's name and payload, the payload still raw; None when it is no event.

    An event without a payload counts as one with an empty object.
    """
    try:
        parts = _event.decode(body)
        name, payload = parts if len(parts) > 1 else (*parts, _NOTHING)
        return _name.decode(name), payload
    except (ValueError, RecursionError):
        return None


def parse_request(packet: str) -> tuple[int, str, msgspec.Raw] | None:
    """The acknowledgement id, name and payload of an event of the usual form: in the main
    namespace, to be answered, with a payload. None when it is none; it may be an event still."""
    found = _REQUEST.match(packet)
    if found is None:
        return None
    try:
        name, payload = _request.decode(packet[found.end() - 1 :])
    except (ValueError, RecursionError):
        return None
    return int(found[1]), name, payload


def encode_event(name: str, body: Wire) -> bytes:
    """An event packet, ready for any number of connections."""
    return b'2["%b",%b]' % (name.encode(), _encoder.encode(body))


def encode_ack(number: int, body: bytes) -> bytes:
    """An acknowledgement packet."""
    return b"3%d[%b]" % (number, body)


def ack_frame(number: int, body: bytes) -> bytes:
    """An acknowledgement as the WebSocket frame of its Engine.IO packet."""
    return text_frame(b"43%d[%b]" % (number, body))


def encode_answer(answer: Wire) -> bytes:
    """A request that was done."""
    return b'{"ok":true,"data":' + _encoder.encode(answer) + b"}"


def encode_refusal(refusal: Refusal) -> bytes:
    """A request that was not done."""
    return b'{"ok":false,"error":' + _encoder.encode(error_of(refusal)) + b"}"


def error_of(refusal: Refusal) -> Error:
    """A refusal as it crosses the wire."""
    return Error(code=refusal.code, message=refusal.message[:500], retry_after=refusal.retry_after)
