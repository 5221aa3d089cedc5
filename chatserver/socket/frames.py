"""WebSocket frames that a server sends, as pure functions (RFC 6455, section 5.2)."""

from struct import pack

_FINAL = 0x80
_TEXT, _CLOSE, _PONG = 0x1, 0x8, 0xA
_SHORT, _MEDIUM = 126, 1 << 16
"""Payloads below these lengths have their length in the header, in 2 bytes more, else in 8."""


def _frame(opcode: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < _SHORT:
        return pack("!BB", _FINAL | opcode, size) + payload
    if size < _MEDIUM:
        return pack("!BBH", _FINAL | opcode, 126, size) + payload
    return pack("!BBQ", _FINAL | opcode, 127, size) + payload


def text_frame(payload: bytes) -> bytes:
    """One whole message of UTF-8 text. A server does not mask."""
    return _frame(_TEXT, payload)


def pong_frame(payload: bytes) -> bytes:
    """The answer to a ping frame, with the ping's payload."""
    return _frame(_PONG, payload)


def close_frame(code: int) -> bytes:
    """The end, with the reason's code."""
    return _frame(_CLOSE, pack("!H", code))
