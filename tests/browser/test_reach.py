"""For everybody: by keyboard alone, on a small screen, with a screen reader, without motion."""

from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .place import DESKTOP, PHONE, Place, Visit

Open = Callable[..., Visit]

_TOO_WIDE = """() => {
    const wide = [...document.querySelectorAll('body *')].filter(one => {
        const spot = one.getBoundingClientRect();
        const hidden = one.closest('.unseen') || spot.width <= 1;
        return !hidden && (spot.right > innerWidth + 1 || spot.left < -1);
    });
    const scrolls = document.documentElement.scrollWidth > innerWidth;
    return [scrolls, wide.slice(0, 5).map(one => one.outerHTML.slice(0, 120))];
}"""

_TOO_SMALL = """() => [...document.querySelectorAll('button, a[href], input, select, textarea')]
    .filter(one => {
        const spot = one.getBoundingClientRect();
        const inText = getComputedStyle(one).display === 'inline';
        const shown = spot.width > 1 && !one.closest('.unseen');
        const small = spot.width < 43.5 || spot.height < 43.5;
        return shown && !inText && one.role !== 'switch' && small;
    })
    .map(one => one.outerHTML.slice(0, 160))"""


_AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text()
_RUN_AXE = """async rules => {
    const only = rules ? {runOnly: rules} : {};
    const found = await axe.run({resultTypes: ['violations'], ...only});
    return found.violations.map(one => [one.id, one.nodes.map(node => node.html.slice(0, 150))]);
}"""


def _assert_accessible(page: Page, where: str) -> None:
    """Everything in the light theme; in the dark one only the colours are others."""
    # Without motion, so that no colour is looked at on its way to another.
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.evaluate(_AXE)
    assert page.evaluate(_RUN_AXE, None) == [], where
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(_RUN_AXE, ["color-contrast"]) == [], f"{where}, dark"


def _lively_room(place: Place) -> tuple[str, str]:
    ana, ben = place.person("ana"), place.person("ben")
    room = place.room(ana, ben, topic="For tests", agreements="Be kind.")
    place.say(ana, room, "a short one", "see https://example.org/a/rather/long/address/" + "x" * 60)
    place.say(ben, room, "an answer", "W" * 300)
    place.ask(
        ana.token,
        ("message:react", {"room": room, "seq": 3, "reaction": "hug", "on": True}),
        ("message:retract", {"room": room, "seq": 1}),
    )
    return room, ana.token


def _pages(place: Place, room: str) -> dict[str, Callable[[Page], None]]:
    """How to come to each page and sheet, signed in."""

    def go(path: str, wait: str) -> Callable[[Page], None]:
        def come(page: Page) -> None:
            page.goto(path)
            expect(page.get_by_role("heading", name=wait, level=1)).to_be_visible()

        return come

    def sheet(button: str) -> Callable[[Page], None]:
        def come(page: Page) -> None:
            page.goto(f"/room/{room}")
            page.get_by_role("button", name=button).last.click()
            expect(page.get_by_role("dialog")).to_be_visible()

        return come

    outside = place.room(name="Not joined", agreements="Be kind.")
    return {
        "rooms": go("/", "Hello"),
        "room": go(f"/room/{room}", "The Porch"),
        "door": go(f"/room/{outside}", "Not joined"),
        "settings": go("/settings", "Settings"),
        "help": go("/help", "If you need help now"),
        "missing": go("/nowhere", "There is nothing"),
        "about": sheet("About this room"),
        "actions": sheet("What you can do"),
    }


@pytest.mark.timeout(120)
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_axe_finds_nothing(place: Place, visit: Open, size: dict[str, int]) -> None:
    room, token = _lively_room(place)
    inside = visit(token, size=size)
    for name, come in _pages(place, room).items():
        come(inside.page)
        _assert_accessible(inside.page, name)
    outside = visit(size=size)
    for path in ("/signin", "/enter", f"/join#{place.invitation()}", "/setup"):
        outside.page.goto("about:blank")
        outside.page.goto(path)
        expect(outside.page.get_by_role("heading", level=1)).to_be_visible()
        _assert_accessible(outside.page, path)


def test_axe_finds_nothing_in_the_staff_sheets(place: Place, visit: Open) -> None:
    kits = visit(place.server.tokens["moderator"], size=DESKTOP)
    kits.page.goto("/")
    for button in ("New room", "Invite somebody"):
        kits.page.get_by_role("button", name=button).click()
        expect(kits.page.get_by_role("dialog")).to_be_visible()
        _assert_accessible(kits.page, button)
        kits.page.keyboard.press("Escape")
        expect(kits.page.get_by_role("button", name=button)).to_be_focused()


@pytest.mark.parametrize("locale", ["en-GB", "es-ES"])
def test_nothing_is_lost_at_320_pixels(place: Place, visit: Open, locale: str) -> None:
    room, token = _lively_room(place)
    language = {"language": locale[:2]}
    place.ask(token, ("settings:set", language))
    small = visit(token, size={"width": 320, "height": 568}, locale=locale)
    for path in ("/", f"/room/{room}", "/settings", "/help", "/nowhere", "/signin", "/join"):
        small.page.goto(path)
        expect(small.page.get_by_role("heading", level=1)).to_be_visible()
        small.page.wait_for_timeout(150)
        assert small.page.evaluate(_TOO_WIDE) == [False, []], path
        assert small.page.evaluate(_TOO_SMALL) == [], path


def test_a_very_low_window_keeps_everything_in_reach(place: Place, visit: Open) -> None:
    """1280 x 1024 at 400 % zoom is a window of 320 x 256."""
    room, token = _lively_room(place)
    low = visit(token, size={"width": 320, "height": 256}, keyboard=True).enter(room)
    low.box.scroll_into_view_if_needed()
    low.say("from a low window")
    low.message("from a low window").scroll_into_view_if_needed()
    expect(low.message("from a low window")).to_be_in_viewport()
    expect(low.page.get_by_role("button", name="Exit this page")).to_be_in_viewport()


def test_everything_by_keyboard_alone(place: Place, visit: Open) -> None:
    ana, ben = place.person("ana"), place.person("ben")
    room = place.room(ana, ben)
    place.say(ben, room, "first", "second")
    hers = visit(ana.token, size=DESKTOP).enter(room)
    page, keys = hers.page, hers.page.keyboard

    def tab_to(name: str, role: Any) -> None:
        for _ in range(40):
            keys.press("Tab")
            if page.get_by_role(role, name=name).evaluate("one => one === document.activeElement"):
                return
        pytest.fail(f"{name} cannot be reached by Tab.")

    keys.press("Tab")
    keys.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    keys.press("Enter")
    tab_to("Write a message", "textbox")
    keys.type("typed by hand")
    keys.press("Shift+Enter")
    keys.type("in two lines")
    keys.press("Enter")
    expect(hers.message("in two lines")).to_be_visible()
    keys.press("Shift+Tab")
    for _ in range(8):
        if page.evaluate("document.activeElement.dataset.seq") is not None:
            break
        keys.press("Shift+Tab")
    expect(hers.message("in two lines")).to_be_focused()
    keys.press("ArrowUp")
    expect(hers.message("second")).to_be_focused()
    keys.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    keys.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(hers.message("second")).to_be_focused()
    keys.press("Enter")
    tab_to("Hug", "button")
    keys.press("Enter")
    expect(hers.message("second").get_by_role("button", name="Hug: 1")).to_be_visible()
    focused = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert focused == "solid"


def test_without_motion(place: Place, visit: Open) -> None:
    room, token = _lively_room(place)
    calm = visit(token, reduced_motion="reduce").enter(room)
    moving = calm.page.evaluate(
        """() => [...document.querySelectorAll('*')].filter(one => {
            const style = getComputedStyle(one);
            return style.animationName !== 'none' || parseFloat(style.transitionDuration) > 0;
        }).length"""
    )
    assert moving == 0


def test_a_chosen_theme_wins_over_the_device(place: Place, visit: Open) -> None:
    hers = visit(place.person("ana").token, color_scheme="light")
    hers.page.goto("/settings")
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    light = hers.page.evaluate(ground)
    hers.page.get_by_role("button", name="Dark").click()
    dark = hers.page.evaluate(ground)
    assert dark != light
    hers.page.reload()
    assert hers.page.evaluate(ground) == dark
