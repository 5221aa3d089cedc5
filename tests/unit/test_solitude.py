"""When a node keeps a hint to itself, and when it may not."""

from chatserver.bus.solitude import ALONE_SECONDS, KEPT, Census, Solitude


def asked_and_answered(others: int) -> Solitude:
    solitude = Solitude()
    solitude.asks(["room"])
    solitude.answered("room", others, 100.0)
    return solitude


def test_nobody_else_listens_for_a_second() -> None:
    solitude = asked_and_answered(0)
    assert solitude.alone("room", 100.0 + ALONE_SECONDS - 0.01)
    assert not solitude.alone("room", 100.0 + ALONE_SECONDS)
    assert not solitude.alone("another", 100.0)


def test_somebody_else_listens() -> None:
    solitude = asked_and_answered(1)
    assert not solitude.alone("room", 100.0)


def test_somebody_has_come_since() -> None:
    solitude = asked_and_answered(0)
    solitude.asks(["room"])
    solitude.answered("room", 1, 100.5)
    assert not solitude.alone("room", 100.5)


def test_another_node_is_heard() -> None:
    solitude = asked_and_answered(0)
    solitude.heard("room")
    assert not solitude.alone("room", 100.0)


def test_an_answer_from_before_another_node_was_heard_counts_for_nothing() -> None:
    solitude = Solitude()
    solitude.asks(["room"])
    solitude.heard("room")
    solitude.answered("room", 0, 100.0)
    assert not solitude.alone("room", 100.0)


def test_what_is_over_is_forgotten() -> None:
    solitude = Solitude()
    for number in range(KEPT + 1):
        solitude.asks([str(number)])
        solitude.answered(str(number), 0, number * ALONE_SECONDS)
    assert not solitude.alone("0", 0.0), "forgotten, though its time was right"


async def test_this_node_counts_only_once_it_is_known_to_listen() -> None:
    solitude = Solitude()
    here = Census(solitude, lambda channel: channel == "followed")
    for channel, receivers in (("followed", 1), ("not followed", 1), ("nobody", 0)):
        here.asks([channel])
        here.answered(channel, receivers)
    assert [solitude.alone(name, 0.0) for name in ("followed", "not followed", "nobody")] == [
        True,
        False,
        True,
    ]


async def test_a_node_that_begins_to_listen_while_it_asks_was_not_counted() -> None:
    solitude, listening = Solitude(), set[str]()
    here = Census(solitude, lambda channel: channel in listening)
    here.asks(["room"])
    listening.add("room")
    here.answered("room", 1)  # that one is another node
    assert not solitude.alone("room", 0.0)


async def test_a_node_that_ceases_to_listen_while_it_asks_may_not_have_been_counted() -> None:
    solitude, listening = Solitude(), {"room"}
    here = Census(solitude, lambda channel: channel in listening)
    here.asks(["room"])
    listening.clear()
    here.answered("room", 1)
    assert not solitude.alone("room", 0.0)
