"""What the gateway stands on inside python-socketio, python-engineio and aiohttp.

These names are not part of the libraries' promises. When a new version moves one, this fails
before anything else does.
"""

import inspect

import engineio
import socketio
from aiohttp.web import WebSocketResponse
from engineio.async_drivers.aiohttp import WebSocket, translate_request
from engineio.async_socket import AsyncSocket
from engineio.packet import MESSAGE, Packet


def parameters(function: object) -> list[str]:
    assert callable(function)
    return list(inspect.signature(function).parameters)


def test_the_server_hands_packets_and_connects_to_the_names_we_override() -> None:
    server = socketio.AsyncServer
    assert parameters(server._handle_eio_message) == ["self", "eio_sid", "data"]
    assert parameters(server._handle_connect) == ["self", "eio_sid", "namespace", "data"]
    assert parameters(server._handle_disconnect) == ["self", "eio_sid", "namespace", "reason"]
    assert parameters(server._send_eio_packet) == ["self", "eio_sid", "eio_pkt"]
    source = inspect.getsource(server._handle_eio_message)
    assert "self._handle_connect(eio_sid, pkt.namespace, pkt.data)" in source


def test_the_manager_maps_ids_both_ways() -> None:
    manager = socketio.AsyncManager
    assert parameters(manager.sid_from_eio_sid) == ["self", "eio_sid", "namespace"]
    assert parameters(manager.eio_sid_from_sid) == ["self", "sid", "namespace"]


def test_the_driver_can_be_replaced_and_knows_its_socket() -> None:
    server = engineio.AsyncServer(async_mode="aiohttp")
    assert server._async["websocket"] is WebSocket
    assert server._async["translate_request"] is translate_request
    assert "await environ['wsgi.input'].read(length)" in (
        inspect.getsource(AsyncSocket.handle_post_request)
    )
    assert parameters(WebSocket.__init__) == ["self", "handler", "server"]
    assert "self.server._async['websocket'](\n            self._websocket_handler" in (
        inspect.getsource(AsyncSocket._upgrade_websocket)
    )
    assert "compress" in parameters(WebSocketResponse.__init__)


async def test_a_socket_has_a_queue_that_its_writer_empties() -> None:
    socket = AsyncSocket(engineio.AsyncServer(async_mode="aiohttp"), "sid")
    assert (socket.closed, socket.closing) == (False, False)
    packet = Packet(MESSAGE, data="2[]")
    socket.queue.put_nowait(packet)
    assert await socket.poll() == [packet]
    assert packet.encode() == "42[]"
    assert parameters(AsyncSocket.close) == ["self", "wait", "abort", "reason"]
