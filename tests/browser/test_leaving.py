"""Leaving at once: nothing is left on the screen, in the tab, or on the way back."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from .place import NEUTRAL, Place, Visit

Open = Callable[..., Visit]


def _assert_gone(hers: Visit, page: Page) -> None:
    page.wait_for_url(NEUTRAL)
    assert page.title() == "Weather"
    # Back shows nothing: the page covers itself and leads away again.
    page.go_back(wait_until="commit")
    page.wait_for_url(NEUTRAL)
    # Whoever types the address meets the door, and no trace of what was written.
    page.goto("/")
    expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
    kept = page.evaluate("JSON.stringify(sessionStorage)")
    assert kept == "{}"
    assert hers.context.request.get("/api/session").status == 401


def _in_a_room(place: Place, visit: Open) -> Visit:
    ana = place.person("ana")
    room = place.room(ana)
    hers = visit(ana.token)
    hers.page.goto("/")
    expect(hers.page.get_by_role("heading", level=1)).to_contain_text(ana.handle)
    hers.enter(room)
    hers.box.fill("nobody may read this")
    return hers


def test_the_button(place: Place, visit: Open) -> None:
    hers = _in_a_room(place, visit)
    hers.page.get_by_role("button", name="Exit this page").click()
    _assert_gone(hers, hers.page)


def test_shift_three_times(place: Place, visit: Open) -> None:
    hers = _in_a_room(place, visit)
    hers.box.focus()
    hers.page.keyboard.press("Shift")
    expect(hers.page.get_by_text("Press it twice more to leave.")).to_have_count(1)
    hers.page.keyboard.press("Shift")
    hers.page.keyboard.press("Shift")
    _assert_gone(hers, hers.page)


def test_the_first_link_by_keyboard(place: Place, visit: Open) -> None:
    hers = _in_a_room(place, visit)
    hers.page.reload()
    expect(hers.box).to_be_visible()
    hers.page.keyboard.press("Tab")
    expect(hers.page.get_by_role("link", name="Exit this page")).to_be_focused()
    hers.page.keyboard.press("Enter")
    _assert_gone(hers, hers.page)


def test_capitals_are_no_presses(place: Place, visit: Open) -> None:
    hers = _in_a_room(place, visit)
    hers.box.focus()
    for letter in "ABCD":
        hers.page.keyboard.press(f"Shift+{letter}")
    expect(hers.box).to_have_value("nobody may read thisABCD")


def test_out_of_an_open_sheet(place: Place, visit: Open) -> None:
    hers = _in_a_room(place, visit)
    hers.page.get_by_role("button", name="About this room").click()
    sheet = hers.page.get_by_role("dialog")
    expect(sheet).to_be_visible()
    sheet.get_by_role("button", name="Exit this page").click()
    _assert_gone(hers, hers.page)


def test_without_a_connection_the_page_is_covered_all_the_same(place: Place, visit: Open) -> None:
    hers = _in_a_room(place, visit)
    hers.page.evaluate("window.addEventListener('beforeunload', () => {})")
    hers.context.set_offline(True)
    hers.page.get_by_role("button", name="Exit this page").click()
    expect(hers.page.get_by_text("nobody may read this")).to_have_count(0)
    assert "/room/" not in hers.page.url
