"""What crosses the wire, as bytes: frames to send, and frames found in what was received."""

import re

TEXT = 0x81
"""First byte of a whole text frame."""
SHORT, MIDDLE = 126, 127
"""Values of the length byte that say that a longer length follows."""
DELIVERY = re.compile(rb'42\["message:new",\{"room":"([0-9a-f-]{36})","seq":(\d+),')
ACCEPTED = re.compile(rb'43\d+\[\{"ok":true,"data":\{"seq":(\d+),')
STAMPED = re.compile(rb'"text":"@(\d\d)(\d{16})')
"""Which generator sent it, and when it was due, in microseconds of the monotonic clock."""
FILLER = b" I went for a long walk along the river today, and called my sponsor on the way back."


class NotText(ConnectionError):
    """The server sent something other than a whole text frame, such as a close."""


def frame(payload: bytes) -> bytes:
    """A client's text frame. The mask is zero, which is allowed and costs nothing."""
    size = len(payload)
    if size < SHORT:
        head = bytes((TEXT, 0x80 | size))
    else:
        head = bytes((TEXT, 0x80 | SHORT)) + size.to_bytes(2)
    return head + bytes(4) + payload


def walk(buffer: bytes | bytearray, end: int) -> tuple[list[tuple[int, int]], int]:
    """Where the payload of each whole frame in `buffer[:end]` begins and stops, and where the
    first frame that is not whole begins. Raises NotText."""
    found = []
    at = 0
    while at + 2 <= end:
        if buffer[at] != TEXT:
            raise NotText(f"frame of kind {buffer[at]:#x}")
        size = buffer[at + 1]
        if size < SHORT:
            start = at + 2
        else:
            start = at + (4 if size == SHORT else 10)
            if start > end:
                break
            size = int.from_bytes(buffer[at + 2 : start])
        if start + size > end:
            break
        at = start + size
        found.append((start, at))
    return found, at


def hello(port: int) -> bytes:
    """The request that opens a WebSocket for Socket.IO."""
    return (
        f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    ).encode()


def join(room: str) -> bytes:
    """Ask for a room, its latest messages, and all that comes."""
    return frame(f'421["room:join",{{"room":"{room}","agree":true}}]'.encode())


class Sayings:
    """Messages to one room, each with a key of its own as official clients send it."""

    def __init__(self, room: str, generator: int) -> None:
        place = f'422["message:send",{{"room":"{room}","key":"'.encode()
        self._payload = place + b'%08x-0000-4000-8000-%012x","text":"@%02d%016d' + FILLER + b'"}]'
        self._generator = generator
        self._head = frame(self._payload % (0, 0, 0, 0))[:8]

    def say(self, salt: int, number: int, due: float) -> bytes:
        """The frame of a message that is due at a time of the monotonic clock, in seconds."""
        stamp = int(due * 1e6)
        return self._head + self._payload % (salt, number, self._generator, stamp)
