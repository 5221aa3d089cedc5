"""What the gateway stands on inside python-socketio, python-engineio and aiohttp.

These names are not part of the libraries' promises. When a new version moves one, this fails before
anything else does, and says what to look at. What stands here is all that is used of them below
their documented faces; it belongs to chatserver/socket/.
"""

import asyncio
import inspect
import os
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import engineio
import pytest
import socketio
from aiohttp import StreamReader, web
from aiohttp.base_protocol import BaseProtocol
from engineio.async_drivers.aiohttp import WebSocket, create_route, translate_request
from engineio.async_socket import AsyncSocket
from engineio.exceptions import EngineIOError, UnknownPacketError
from engineio.packet import MESSAGE, NOOP, Packet
from engineio.payload import Payload

from chatserver.socket.manager import OneNamespace
from chatserver.socket.outbox import Outbox
from chatserver.socket.polling import Engine

ROOT = Path(__file__).parents[2]
KNOWN = {
    "aiohttp": {"3.14.5"},
    "python-engineio": {"4.15.1"},
    "python-socketio": {"5.18.1"},
}
"""The versions whose insides were read. To take another one: go through the changes of its
`web_protocol.py`, `web_ws.py`, `_websocket/`, `async_socket.py`, `async_server.py` or
`async_manager.py`, run all tests, and add it here."""


def parameters(function: object) -> list[str]:
    assert callable(function)
    return list(inspect.signature(function).parameters)


def has(function: object, *parts: str) -> None:
    """The code of a function says this, however it is broken into lines."""
    assert callable(function)
    source = re.sub(r"\s+", "", inspect.getsource(function))
    for part in parts:
        assert re.sub(r"\s+", "", part) in source, part


@pytest.mark.parametrize("name", KNOWN)
def test_what_is_locked_and_what_is_installed_is_known(name: str) -> None:
    locked = re.search(rf"^{name}==(\S+)", (ROOT / "requirements" / "run.txt").read_text(), re.M)
    assert locked
    for version in (locked[1], metadata.version(name)):
        assert version in KNOWN[name], (
            f"{name} {version} is new here. Read what it changed below the names in this file, run "
            "all tests, above all test_engineio_*, test_socketio_*, test_websocket_*, test_tls and "
            "test_official_js_client, and add it to KNOWN."
        )


# python-socketio


def test_the_server_hands_packets_and_connects_to_the_names_we_override() -> None:
    server = socketio.AsyncServer
    assert parameters(server._handle_eio_connect) == ["self", "eio_sid", "environ"]
    assert parameters(server._handle_eio_message) == ["self", "eio_sid", "data"]
    assert parameters(server._handle_eio_disconnect) == ["self", "eio_sid", "reason"]
    assert parameters(server._handle_connect) == ["self", "eio_sid", "namespace", "data"]
    assert parameters(server._handle_disconnect) == ["self", "eio_sid", "namespace", "reason"]
    assert parameters(server._send_eio_packet) == ["self", "eio_sid", "eio_pkt"]
    assert parameters(server._engineio_server_class) == ["self"]
    has(server._handle_eio_message, "self._handle_connect(eio_sid, pkt.namespace, pkt.data)")
    has(server._handle_eio_connect, "self.environ[eio_sid] = environ")
    has(server._handle_eio_disconnect, "del self.environ[eio_sid]")


def test_the_handlers_of_a_connection_are_called_once_and_with_what_we_expect() -> None:
    server = socketio.AsyncServer
    has(
        server._handle_connect,
        "self._trigger_event('connect', namespace, sid, self.environ[eio_sid], data)",
        "except exceptions.ConnectionRefusedError as exc: fail_reason = exc.error_args",
        "packet.CONNECT_ERROR, data='Unable to connect'",
    )
    has(server._handle_disconnect, "self._trigger_event('disconnect', namespace, sid,")


def test_the_server_asks_its_manager_nothing_that_ours_does_not_answer() -> None:
    """For what a gateway does: connections begin and end, and are found by either id."""
    kept = (
        "get_namespaces",
        "pre_connect",
        "connect",
        "is_connected",
        "sid_from_eio_sid",
        "eio_sid_from_sid",
        "pre_disconnect",
    )
    for name in kept:
        theirs, ours = getattr(socketio.AsyncManager, name), getattr(OneNamespace, name)
        assert parameters(ours) == parameters(theirs), name
        assert inspect.iscoroutinefunction(ours) == inspect.iscoroutinefunction(theirs), name
    assert parameters(socketio.AsyncManager.disconnect) == ["self", "sid", "namespace", "kwargs"]
    for method in (
        socketio.AsyncServer._handle_connect,
        socketio.AsyncServer._handle_disconnect,
        socketio.AsyncServer._handle_eio_disconnect,
        socketio.AsyncServer._handle_eio_connect,
        socketio.AsyncServer.disconnect,
    ):
        asked = set(re.findall(r"self\.manager\.(\w+)", inspect.getsource(method)))
        assert asked <= {*kept, "disconnect", "can_disconnect", "initialize"}, method
    has(socketio.AsyncManager.can_disconnect, "return self.is_connected(sid, namespace)")


# python-engineio


def test_the_driver_can_be_replaced_and_knows_its_socket() -> None:
    server = engineio.AsyncServer(async_mode="aiohttp")
    assert server._async["websocket"] is WebSocket
    assert server._async["translate_request"] is translate_request
    assert server._async["create_route"] is create_route
    has(create_route, "app.router.add_get(engineio_endpoint, engineio_server.handle_request)")
    has(server.handle_request, "translate_request = self._async['translate_request']")
    assert parameters(WebSocket.__init__) == ["self", "handler", "server"]
    has(WebSocket.__init__, "self.handler = handler")
    has(
        AsyncSocket._upgrade_websocket,
        "if self.upgraded: raise OSError",
        "ws = self.server._async['websocket'](self._websocket_handler, self.server)",
        "return await ws(environ)",
    )


def test_polling_reads_one_body_and_ends_upon_its_own_errors() -> None:
    has(
        AsyncSocket.handle_post_request,
        "if length > self.server.max_http_buffer_size: raise exceptions.ContentTooLongError()",
        "(await environ['wsgi.input'].read(length)).decode('utf-8')",
    )
    source = inspect.getsource(engineio.AsyncServer.handle_request)
    assert source.count("except exceptions.EngineIOError:") == 2
    assert source.count("await self.disconnect(sid)") == 2
    assert issubclass(UnknownPacketError, EngineIOError)
    assert parameters(engineio.AsyncServer.handle_request) == ["self", "args", "kwargs"]
    assert parameters(engineio.AsyncServer.disconnect) == parameters(Engine.disconnect)
    has(Payload.decode, "if len(encoded_packets) > self.max_decode_packets")


async def test_a_socket_has_what_a_line_sets_and_asks() -> None:
    server = engineio.AsyncServer(async_mode="aiohttp")
    socket = AsyncSocket(server, "sid")
    assert (socket.sid, socket.server) == ("sid", server)
    states = ("connected", "upgrading", "upgraded", "closing", "closed")
    assert [getattr(socket, name) for name in states] == [False] * 5
    assert socket.last_ping > 0
    socket.tcp_transport = None  # a place for it: no __slots__
    assert parameters(AsyncSocket.close) == ["self", "wait", "abort", "reason"]
    assert parameters(AsyncSocket.check_ping_timeout) == ["self"]
    has(AsyncSocket.check_ping_timeout, "if last_ping and time.time() - last_ping >")
    has(AsyncSocket._send_ping, "if not self.closing and not self.closed")
    has(AsyncSocket.schedule_ping, "if self.last_ping:")
    has(AsyncSocket.handle_get_request, "if self.upgrading or self.upgraded: # we are", "NOOP")
    has(engineio.AsyncServer._handle_connect, "s = async_socket.AsyncSocket(self, sid)")
    has(engineio.AsyncServer._handle_connect, "self.sockets[sid] = s", "s.schedule_ping()")


async def test_a_socket_has_a_queue_that_its_writer_empties() -> None:
    socket = AsyncSocket(engineio.AsyncServer(async_mode="aiohttp"), "sid")
    packet = Packet(MESSAGE, data="2[]")
    socket.queue.put_nowait(packet)
    assert await socket.poll() == [packet]
    assert packet.encode() == "42[]"
    assert (packet.packet_type, NOOP, Packet(NOOP).encode()) == (4, 6, "6")


def test_an_outbox_answers_all_that_is_asked_of_a_queue() -> None:
    """Once a line has begun, only these methods touch it."""
    for method in (AsyncSocket.send, AsyncSocket.close):
        asked = set(re.findall(r"self\.queue\.(\w+)", inspect.getsource(method)))
        assert asked <= {"put", "join"}, method
    for name in ("put", "put_nowait", "empty", "join"):
        ours, theirs = getattr(Outbox, name), getattr(asyncio.Queue, name)
        assert inspect.iscoroutinefunction(ours) == inspect.iscoroutinefunction(theirs), name


# aiohttp


def test_a_websocket_begins_where_we_step_in() -> None:
    response = web.WebSocketResponse
    assert "compress" in parameters(response.__init__)
    assert parameters(response._post_start) == ["self", "request", "protocol", "writer"]
    has(response.prepare, "self._pre_start(request)", "self._post_start(request, protocol, writer)")
    assert inspect.iscoroutinefunction(response.write_eof)


def test_a_request_handler_lets_its_transport_go() -> None:
    handler = web.RequestHandler
    assert "_message_tail" in handler.__slots__
    assert "transport" in BaseProtocol.__slots__
    has(handler.data_received, "self._message_tail += data")
    has(handler.force_close, "if self.transport is not None: self.transport.close()")
    has(handler.connection_lost, "if self._manager is None: return", "self._payload_parser = None")
    has(handler.start, "if not self._force_close:", "if self.transport is not None:")
    assert parameters(handler.connection_lost) == ["self", "exc"]


READS = """
import asyncio, sys
from aiohttp import WSMsgType, http_websocket
from aiohttp._websocket.reader import WebSocketDataQueue
from chatserver.socket.line import Line

assert issubclass(Line, WebSocketDataQueue)
told = []
class Ear(Line):
    def __init__(self):
        pass
    def feed_data(self, data, size):
        told.append((data[0], data[1], size))
    def set_exception(self, exc, *_):
        told.append((type(exc).__name__, exc.code))
ear = Ear()
reader = http_websocket.WebSocketReader(ear, 100, compress=False, decode_text=True)
assert reader.feed_data(bytes.fromhex("8102343289016188023ee8")) == (False, b"")
assert reader.feed_data(bytes.fromhex("827f") + b"\\x00" * 6 + b"\\xff\\xff") == (True, b"")
assert reader.feed_data(bytes.fromhex("81023432")) == (True, bytes.fromhex("81023432"))
assert told == [
    (WSMsgType.TEXT, "42", 2), (WSMsgType.PING, b"a", 1), (WSMsgType.CLOSE, 16104, 0),
    ("WebSocketError", 1009),
], told
assert told[0][0] is WSMsgType.TEXT
print(http_websocket.WebSocketReader.__module__)
"""


@pytest.mark.parametrize(
    ("without", "module"),
    [("", "aiohttp._websocket.reader_c"), ("1", "aiohttp._websocket.reader_py")],
)
def test_the_reader_hands_frames_to_a_line_in_c_and_in_python(without: str, module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", READS],
        env=os.environ | {"AIOHTTP_NO_EXTENSIONS": without},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout.strip(), done.stderr) == (module, "")


async def test_a_body_can_be_read_to_its_length() -> None:
    content = StreamReader(BaseProtocol(asyncio.get_running_loop()), 2**16)
    content.feed_data(b"abc")
    assert await content.readexactly(2) == b"ab"


def test_a_request_tells_whether_its_client_is_gone() -> None:
    getter: Any = vars(web.BaseRequest)["transport"]
    has(getter.fget, "return self._protocol.transport")
