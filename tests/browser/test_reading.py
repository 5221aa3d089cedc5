"""Long rooms: history, the unread line, and staying where one reads."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from .place import DESKTOP, Place, Visit

Open = Callable[..., Visit]

_TOP_OF = """text => {
    const rows = [...document.querySelectorAll('[data-seq]')];
    return rows.find(row => row.textContent.includes(text)).getBoundingClientRect().top;
}"""


def _scroll_to_start(page: Page) -> None:
    page.mouse.move(800, 400)
    page.mouse.wheel(0, -100_000)


def _numbers(place: Place, visit: Open, count: int) -> tuple[str, Visit]:
    ana, ben = place.person("ana"), place.person("ben")
    room = place.room(ana, ben)
    place.say(ben, room, *(f"number {n:03}." for n in range(1, count + 1)))
    place.ask(ana.token, ("read:mark", {"room": room, "seq": count}))
    return room, visit(ana.token, size=DESKTOP).enter(room)


def test_older_messages_come_without_moving_what_is_read(place: Place, visit: Open) -> None:
    _, hers = _numbers(place, visit, 130)
    expect(hers.message("number 130.")).to_be_in_viewport()
    expect(hers.message("number 081.")).to_have_count(1)
    expect(hers.message("number 080.")).to_have_count(0)
    hers.message("number 083.").scroll_into_view_if_needed()
    before = hers.page.evaluate(_TOP_OF, "number 083.")
    expect(hers.message("number 080.")).to_have_count(1)
    hers.page.wait_for_timeout(200)
    assert abs(hers.page.evaluate(_TOP_OF, "number 083.") - before) < 3
    # Nothing of the past is read out as if it were new.
    expect(hers.page.get_by_role("log")).to_have_text("")


def test_the_whole_history_can_be_reached_by_button(place: Place, visit: Open) -> None:
    _, hers = _numbers(place, visit, 110)
    older = hers.page.get_by_role("button", name="Show older messages")
    for first in ("number 011.", "number 001."):
        older.dispatch_event("click")
        expect(hers.message(first)).to_have_count(1)
    expect(hers.page.get_by_text("This is the start of what is kept here.")).to_have_count(1)
    assert hers.page.locator("[data-seq]").count() == 110


def test_new_messages_wait_below_while_one_reads(place: Place, visit: Open) -> None:
    room, hers = _numbers(place, visit, 60)
    ben = place.person("ben")
    place.ask(ben.token, ("room:join", {"room": room}))
    _scroll_to_start(hers.page)
    expect(hers.page.get_by_role("button", name="Go to the newest messages")).to_be_visible()
    place.say(ben, room, "one more", "and another")
    jump = hers.page.get_by_role("button", name="2 new messages")
    jump.click()
    expect(hers.message("and another")).to_be_in_viewport()
    expect(jump).to_have_count(0)


def test_the_unread_line_and_the_count_in_the_list(place: Place, visit: Open) -> None:
    ana, ben = place.person("ana"), place.person("ben")
    room = place.room(ana, ben, name="Unread Porch")
    place.say(ben, room, "seen before", "new to her", "also new")
    place.ask(ana.token, ("read:mark", {"room": room, "seq": 1}))
    hers = visit(ana.token)
    hers.page.goto("/")
    card = hers.page.get_by_role("link", name="Unread Porch")
    expect(card).to_contain_text("2 new")
    card.click()
    expect(hers.page.get_by_text("New since you were here")).to_be_visible()
    expect(hers.page.get_by_role("heading", level=1)).to_be_focused()
    hers.page.get_by_role("link", name="Back to the rooms").click()
    expect(hers.page.get_by_role("link", name="Unread Porch")).not_to_contain_text("new")
