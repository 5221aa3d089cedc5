"""What a switch shows is what the server holds."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, WebSocketRoute, expect

from .place import Place, Visit

Open = Callable[..., Visit]
WORDS = "Others may see that I am here"


def touch(page: Page, *, shows: bool) -> None:
    """Touch the switch, and wait until the change is stored or refused."""
    switch = page.get_by_role("switch", name=WORDS)
    expect(switch).not_to_be_checked()
    switch.click()
    expect(switch).to_have_attribute("aria-busy", "false")
    expect(switch).to_be_checked(checked=shows)


def connect(page: Page, held: list[WebSocketRoute], number: int) -> None:
    """Let the connection through that the page has asked for."""
    while len(held) < number:
        page.wait_for_timeout(10)
    held[number - 1].connect_to_server()


def test_a_switch_touched_before_the_connection_stands_waits_for_it(
    place: Place, visit: Open
) -> None:
    ana = place.person("ana")
    page = visit(ana.token).page
    held: list[WebSocketRoute] = []

    def keep(route: WebSocketRoute) -> None:
        held.append(route)

    page.route_web_socket(re.compile("socket.io"), keep)
    page.goto("/settings")
    switch = page.get_by_role("switch", name=WORDS)
    switch.click()
    expect(switch).to_have_attribute("aria-busy", "true")
    connect(page, held, 1)
    expect(switch).to_have_attribute("aria-busy", "false")
    page.reload()
    connect(page, held, 2)
    expect(switch).to_be_checked()


def test_a_switch_without_a_connection_goes_back(place: Place, visit: Open) -> None:
    ana = place.person("ana")
    hers = visit(ana.token)
    hers.page.goto("/settings")
    touch(hers.page, shows=True)
    hers.context.set_offline(True)
    switch = hers.page.get_by_role("switch", name=WORDS)
    switch.click()
    expect(hers.page.get_by_text("There is no connection right now.")).to_be_visible()
    expect(switch).to_be_checked()
    hers.context.set_offline(False)
