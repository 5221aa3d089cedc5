"""The pure parts of the benchmark: what it sends, finds, checks and works out."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.figures import Order, Spread, brief, percentile, saturated
from bench.plan import Verdict
from bench.report import read, table, write
from bench.results import Row, problems_of
from bench.server import Cores
from bench.wire import ACCEPTED, DELIVERY, STAMPED, NotText, Sayings, frame, walk
from bench.workloads import WORKLOADS, Workload, seats, shares

ROOM = "01a20d10-d521-74ab-83a6-ee3004fa44a0"
# Around each way in which a frame's length is written; what is in it does not matter.
payloads = st.lists(
    st.sampled_from([0, 1, 125, 126, 300, 65_535, 65_536]).map(lambda size: b"\x81" * size),
    max_size=6,
)


def from_server(payload: bytes) -> bytes:
    """The same frame as a server sends it: without a mask."""
    size = len(payload)
    if size < 126:
        return bytes((0x81, size)) + payload
    if size < 65_536:
        return bytes((0x81, 126)) + size.to_bytes(2) + payload
    return bytes((0x81, 127)) + size.to_bytes(8) + payload


@given(payloads, st.data())
def test_frames_are_found_wherever_the_stream_is_cut(
    sent: list[bytes], data: st.DataObject
) -> None:
    stream = b"".join(map(from_server, sent))
    cut = data.draw(st.integers(0, len(stream)))
    frames, whole = walk(stream, cut)
    rest = stream[whole:]
    more, end = walk(rest, len(rest))
    found = [stream[a:b] for a, b in frames] + [rest[a:b] for a, b in more]
    assert found == sent
    assert end == len(rest)


@pytest.mark.parametrize("first", [0x88, 0x01, 0x82])
def test_a_close_a_part_and_a_binary_frame_are_refused(first: int) -> None:
    with pytest.raises(NotText):
        walk(bytes((first, 0)), 2)


@pytest.mark.parametrize("size", [0, 125, 126, 300])
def test_a_frame_of_a_client_is_masked_with_nothing(size: int) -> None:
    made = frame(b"x" * size)
    assert made[0] == 0x81
    assert made[1] & 0x80
    assert made.endswith(bytes(4) + b"x" * size)


def test_a_saying_says_when_it_was_due() -> None:
    sayings = Sayings(ROOM, 3)
    first, second = sayings.say(7, 1, 12.5), sayings.say(7, 2, 99_999_999.0)
    assert len(first) == len(second)
    stamp = STAMPED.search(first)
    assert stamp
    assert (int(stamp[1]), int(stamp[2])) == (3, 12_500_000)
    keys = [re.findall(rb'"key":"([^"]*)"', made) for made in (first, second)]
    assert keys[0] != keys[1]


def test_deliveries_and_acknowledgements_are_recognised() -> None:
    found = DELIVERY.match(f'42["message:new",{{"room":"{ROOM}","seq":12,"id":"x"}}]'.encode())
    assert found
    assert (found[1].decode(), int(found[2])) == (ROOM, 12)
    accepted = ACCEPTED.match(b'432[{"ok":true,"data":{"seq":7,"id":"x"}}]')
    assert accepted
    assert int(accepted[1]) == 7
    assert not ACCEPTED.match(b'432[{"ok":false,"error":{"code":"too_fast"}}]')


@given(st.lists(st.integers(1, 20)))
def test_the_order_finds_whatever_is_not_once_and_in_order(seqs: list[int]) -> None:
    order = Order(1)
    for seq in seqs:
        order.take(seq)
    last = max(seqs, default=0)
    perfect = seqs == list(range(1, last + 1))
    assert (order.skipped == order.again == order.missing(last) == 0) is perfect


def test_what_never_came_is_missing() -> None:
    order = Order(5)
    order.take(5)
    assert (order.missing(5), order.missing(8), order.missing(3)) == (0, 3, 0)


def test_percentiles() -> None:
    values = [float(n) for n in range(1, 101)]
    assert [percentile(values, share) for share in (0, 0.5, 0.99, 1)] == [1, 50, 99, 100]
    assert percentile([], 0.5) == 0


def test_numbers_are_brief() -> None:
    shown = [brief(value) for value in (0, 0.0123456, 4.1299, 80.23, 123_456, 999.9, -2.5)]
    assert shown == ["0", "0.0123", "4.13", "80.2", "123,000", "1,000", "-2.50"]
    assert str(Spread.of([3, 1, 2])) == "2.00 (1.00..3.00)"
    assert str(Spread.of([2, 2.0001])) == "2.00"


def test_who_set_the_pace() -> None:
    assert saturated(closed=True, server=0.5, rest=0.99, late=0)
    assert not saturated(closed=True, server=0.97, rest=0.99, late=0)
    assert saturated(closed=False, server=0.5, rest=0.1, late=0.5)
    assert not saturated(closed=False, server=0.5, rest=0.99, late=0.001)


def test_problems_are_named_with_their_number() -> None:
    assert problems_of([Verdict(), Verdict()]) == ()
    assert problems_of([Verdict(lost=2, again=1), Verdict(lost=3)]) == ("5 lost", "1 again")


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda workload: workload.name)
@pytest.mark.parametrize("processes", [1, 3])
def test_everybody_has_a_seat_and_every_room_its_senders(
    workload: Workload, processes: int
) -> None:
    count = workload.rooms * workload.members
    tokens, rooms = [f"t{n}" for n in range(count)], [f"r{n}" for n in range(workload.rooms)]
    everybody = seats(workload, tokens, rooms, [1, 2])
    assert sorted(seat.token for seat in everybody) == sorted(tokens)
    for room in rooms:
        there = [seat for seat in everybody if room in seat.rooms]
        assert len(there) == workload.members
        assert sum(seat.speaks for seat in there) == workload.senders
        assert {seat.port for seat in there} == {1, 2}
    plans = shares(workload, everybody, processes)
    assert sorted(seat.token for plan in plans for seat in plan.seats) == sorted(tokens)
    assert sum(plan.rate for plan in plans) == pytest.approx(workload.rate)


def test_few_connections_can_follow_many_rooms() -> None:
    workload = Workload("x", "x", 6, 2, senders=1, connections=4, people=2)
    made = seats(workload, ["a", "b"], [f"r{n}" for n in range(6)], [1])
    assert [seat.rooms for seat in made[:2]] == [("r0", "r2", "r4"), ("r0", "r2", "r4")]
    assert [seat.token for seat in made] == ["a", "b", "a", "b"]


def test_nodes_take_at_most_half_of_the_cores() -> None:
    assert Cores.of([0, 1], 4) == Cores((0,), (1,))
    assert Cores.of([0, 1, 2, 3, 4, 5], 2) == Cores((0, 1), (2, 3, 4, 5))
    assert Cores.of([0], 1) == Cores((0,), (0,))


def test_rows_are_read_again_and_compared(tmp_path: Path) -> None:
    file = tmp_path / "rows"
    row = Row("fan", 1, 0, {"cpu": 4.0})
    for one in (row, replace(row, run=1, problems=("1 lost",)), replace(row, run=2)):
        write(file, one)
    with file.open("a") as out:
        out.write('{"workload": "cut')
    rows = read(file)
    assert [one.run for one in rows] == [0, 1, 2]
    shown = "\n".join(table(rows, [replace(row, figures={"cpu": 2.0})]))
    assert "fan, nodes: 1, runs: 2" in shown
    assert "x 2.00 of 2.00" in shown
