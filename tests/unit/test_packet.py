"""Socket.IO packets as pure functions: what is right is read, and nothing makes them fail."""

import json
from uuid import UUID

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatserver.errors import InvalidRequest, Unavailable
from chatserver.protocol.events import RoomRemoved
from chatserver.socket.packet import (
    MAX_ID_DIGITS,
    Header,
    PacketType,
    encode_ack,
    encode_answer,
    encode_event,
    encode_refusal,
    parse_event,
    parse_header,
)

ANY_TEXT = st.text(st.characters(exclude_categories=()))
ALMOST = st.text(st.sampled_from('0123456789-/,[]{}"\\: aé\u00b2\u0663\uff12\ud800\0'), max_size=60)
ROOM = RoomRemoved(room=UUID(int=7))


@given(ANY_TEXT | ALMOST)
@example("")
@example("2" + "9" * 100_000)
@example("5" + "1" * 20 + "-")
@example("2/" + "a" * 100_000)
def test_no_text_makes_the_header_fail(text: str) -> None:
    header = parse_header(text)
    if header is not None:
        assert text.endswith(header.body)
        assert text.startswith(str(int(header.type)))
        assert header.namespace.startswith("/")
        assert header.id is None or header.id < 10**MAX_ID_DIGITS


@given(ANY_TEXT | ALMOST)
@example("[" * 100_000)
@example('["' + "x" * 100_000 + '"]')
@example('["\\ud800"]')
@example('["a",' + '{"a":' * 50_000)
@example("[NaN]")
@example('["a",1e999]')
def test_no_text_makes_the_event_fail(text: str) -> None:
    event = parse_event(text)
    if event is not None:
        name, payload = event
        assert isinstance(name, str)
        assert bytes(payload)


@given(
    st.sampled_from(PacketType),
    st.sampled_from(["/", "/admin", "/a b", "/é"]),
    st.none() | st.integers(0, 10**MAX_ID_DIGITS - 1),
    st.sampled_from(["", "[]", '["x",{}]', "{}", '"x"', "null"]),
)
def test_a_right_header_is_read(
    kind: PacketType, namespace: str, number: int | None, body: str
) -> None:
    attached = "2-" if kind in {PacketType.BINARY_EVENT, PacketType.BINARY_ACK} else ""
    place = "" if namespace == "/" else f"{namespace},"
    packet = f"{int(kind)}{attached}{place}{'' if number is None else number}{body}"
    assert parse_header(packet) == Header(kind, namespace, number, body)


@pytest.mark.parametrize(
    "packet", ["", "7", "9[]", "x", "-2[]", " 2[]", "\u00b2[]", "\u0662[]", "\uff12[]", "\x002"]
)
def test_what_is_no_packet(packet: str) -> None:
    assert parse_header(packet) is None


@pytest.mark.parametrize("digits", [16, 20, 100, 10_000])
def test_a_number_that_is_no_exact_number_elsewhere_is_none(digits: int) -> None:
    assert parse_header(f'2{"1" * digits}["x",{{}}]') is None


@given(st.text(), st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_a_right_event_is_read(name: str, payload: object) -> None:
    found = parse_event(json.dumps([name, payload]))
    assert found is not None
    assert found[0] == name
    assert json.loads(bytes(found[1])) == payload


def test_an_event_without_a_payload_has_an_empty_one() -> None:
    found = parse_event('["room:list"]')
    assert found is not None
    assert (found[0], bytes(found[1])) == ("room:list", b"{}")


@pytest.mark.parametrize(
    "body", ["", "[]", "{}", "null", "[1]", "[[]]", '["a",{},{}]', '["a",', '["a"]x']
)
def test_what_is_no_event(body: str) -> None:
    assert parse_event(body) is None


@given(st.integers(0, 10**MAX_ID_DIGITS - 1))
def test_an_acknowledgement_carries_the_number_that_it_answers(number: int) -> None:
    header = parse_header(encode_ack(number, encode_answer(ROOM)).decode())
    assert header is not None
    assert (header.type, header.id) == (PacketType.ACK, number)
    assert json.loads(header.body) == [{"ok": True, "data": {"room": str(ROOM.room)}}]


def test_an_event_is_written_as_it_is_read() -> None:
    header = parse_header(encode_event("room:removed", ROOM).decode())
    assert header is not None
    found = parse_event(header.body)
    assert found is not None
    assert found[0] == "room:removed"
    assert msgspec.json.decode(found[1], type=RoomRemoved) == ROOM


def test_a_refusal_has_a_code_a_sentence_and_a_wait_if_waiting_helps() -> None:
    error = json.loads(encode_refusal(Unavailable(retry_after=1.5)))["error"]
    assert (error["code"], error["retry_after"]) == ("unavailable", 1.5)
    error = json.loads(encode_refusal(InvalidRequest("x" * 5000)))["error"]
    assert len(error["message"]) <= 500
    assert "retry_after" not in error
