"""The model of docs/scaling.md, and how its curves are drawn."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.chart import Chart, Dot, Line, svg
from bench.draw import planned
from bench.model import Costs, Habits, enough, needs, spread

COSTS, HABITS = Costs(), Habits()


@given(st.floats(1, 10_000), st.integers(1, 500))
def test_a_room_is_on_one_node_at_least_and_on_all_at_most(followers: float, nodes: int) -> None:
    assert 1 - 1e-6 <= spread(followers, nodes) <= min(nodes, followers) + 1e-6


def test_one_node_needs_no_redis() -> None:
    assert needs(10_000, 1, HABITS, COSTS).redis_cores == 0
    assert needs(10_000, 2, HABITS, COSTS).redis_cores > 0


def test_further_nodes_cost_all_nodes_more() -> None:
    one, two, four = (needs(50_000, n, HABITS, COSTS).node_cores for n in (1, 2, 4))
    assert one < two < four


@pytest.mark.parametrize("connected", [100, 10_000, 100_000])
def test_the_fewest_nodes_that_are_enough(connected: int) -> None:
    found = enough(connected, HABITS, COSTS)
    assert found is not None
    assert found.node_cores <= found.nodes / 2
    assert found.node_cores + found.storm_cores <= found.nodes
    if found.nodes > 1:
        fewer = needs(connected, found.nodes - 1, HABITS, COSTS)
        assert fewer.node_cores > fewer.nodes / 2 or (
            fewer.node_cores + fewer.storm_cores > fewer.nodes
        )


def test_past_some_size_no_number_of_nodes_is_enough() -> None:
    assert enough(5_000_000, Habits(messages_an_hour=120, followers=200), COSTS) is None


@pytest.mark.parametrize("log", [True, False])
def test_a_chart_is_a_document_with_every_dot_inside(log: bool) -> None:
    dots = [Dot(10, 3, 2, 4), Dot(1000, 70, 70, 70)]
    drawn = svg(Chart("5 < 6", "across & up", "up", [Line("one", dots)], log, log))
    root = ET.fromstring(drawn)  # noqa: S314 - it was just made here
    circles = [e for e in root.iter() if e.tag.endswith("circle")]
    assert len(circles) == len(dots)
    assert all(0 < float(c.attrib["cx"]) < 640 and 0 < float(c.attrib["cy"]) < 360 for c in circles)


def test_what_the_model_says_can_be_drawn() -> None:
    for chart in planned(COSTS, HABITS).values():
        ET.fromstring(svg(chart))  # noqa: S314 - it was just made here
