"""Every way in and out."""

import re
from collections.abc import Callable

from playwright.sync_api import Browser, expect

from .place import PASSWORD, Place, Visit
from .server import serving, wait_for

Open = Callable[..., Visit]


def test_an_invitation_is_accepted_in_spanish(place: Place, visit: Open) -> None:
    code = place.invitation()
    hers = visit(locale="es-MX")
    hers.page.goto(f"/join#{code}")
    expect(hers.page).to_have_url(re.compile(r"/join$"))
    expect(hers.page.get_by_role("heading", name="Tienes una invitación")).to_be_visible()
    expect(
        hers.page.get_by_text("No te pedimos tu nombre, tu correo ni tu teléfono.")
    ).to_be_visible()
    handle = f"luz{code[:5].strip('-_')}x"
    hers.page.get_by_label("Alias").fill(handle)
    hers.page.get_by_label("Contraseña", exact=True).fill("corta pero")
    hers.page.get_by_role("button", name="Mostrar la contraseña").click()
    expect(hers.page.get_by_label("Contraseña", exact=True)).to_have_attribute("type", "text")
    hers.page.get_by_label("Contraseña", exact=True).fill("tetera lámpara nueve")
    hers.page.get_by_role("button", name="Unirme a la comunidad").click()
    expect(hers.page.get_by_role("heading", name=f"Hola, {handle}")).to_be_visible()
    expect(hers.page.locator("html")).to_have_attribute("lang", "es")
    # The account keeps the language, on any device.
    other = visit(locale="en-GB")
    other.page.goto("/signin")
    other.page.get_by_label("Handle").fill(handle)
    other.page.get_by_label("Password", exact=True).fill("tetera lámpara nueve")
    other.page.get_by_role("button", name="Sign in").click()
    expect(other.page.get_by_role("heading", name=f"Hola, {handle}")).to_be_visible()


def test_a_used_invitation_says_so(place: Place, visit: Open) -> None:
    hers = visit()
    hers.page.goto("/join#not-an-invitation")
    expect(hers.page.get_by_role("alert")).to_contain_text("Please ask for a new one.")
    expect(hers.page.get_by_label("Invitation link or code")).to_be_visible()


def test_signing_in_leads_to_the_room_that_was_asked_for(place: Place, visit: Open) -> None:
    ana = place.person("ana")
    room = place.room(ana)
    hers = visit()
    hers.page.goto(f"/room/{room}")
    expect(hers.page).to_have_url(re.compile(r"/signin$"))
    hers.page.get_by_label("Handle").fill(ana.handle)
    hers.page.get_by_label("Password", exact=True).fill("not the password")
    hers.page.get_by_role("button", name="Sign in").click()
    expect(hers.page.get_by_role("alert")).to_contain_text("do not go together")
    hers.page.get_by_label("Password", exact=True).fill(PASSWORD)
    hers.page.get_by_role("button", name="Sign in").click()
    expect(hers.page).to_have_url(re.compile(f"/room/{room}$"))
    expect(hers.box).to_be_visible()
    stored = hers.page.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie])")
    assert ana.token not in stored
    assert "chat_session" not in stored


def test_signing_out_everywhere_ends_the_other_browser(place: Place, visit: Open) -> None:
    ana = place.person("ana")
    room = place.room(ana)
    here, there = visit(ana.token).enter(room), visit(ana.token)
    there.page.goto("/settings")
    there.page.get_by_role("button", name="Sign out everywhere").click()
    there.confirm("Sign out everywhere")
    expect(there.page.get_by_text("You are signed out.")).to_be_visible()
    expect(here.page.get_by_role("heading", name="Welcome back")).to_be_visible()


def test_a_new_password_signs_out_every_other_device(place: Place, visit: Open) -> None:
    ana = place.person("ana")
    room = place.room(ana)
    old = visit(ana.token).enter(room)
    hers = visit()
    hers.page.goto("/signin")
    hers.page.get_by_label("Handle").fill(ana.handle)
    hers.page.get_by_label("Password", exact=True).fill(PASSWORD)
    hers.page.get_by_role("button", name="Sign in").click()
    hers.page.get_by_role("link", name="Settings").click()
    expect(hers.page.get_by_text("This device")).to_be_visible()
    hers.page.get_by_label("Your password now").fill("not this one at all")
    hers.page.get_by_label("New password").fill("another kettle at night")
    hers.page.get_by_role("button", name="Change the password").click()
    expect(hers.page.get_by_role("alert")).to_contain_text("do not go together")
    hers.page.get_by_label("Your password now").fill(PASSWORD)
    hers.page.get_by_role("button", name="Change the password").click()
    expect(hers.page.get_by_text("Your password is changed.")).to_be_visible()
    expect(old.page.get_by_role("heading", name="Welcome back")).to_be_visible()
    hers.page.get_by_role("button", name="Sign out", exact=True).click()
    expect(hers.page.get_by_text("You are signed out.")).to_be_visible()


def test_a_moderator_makes_a_link_and_a_room(place: Place, visit: Open) -> None:
    kits = visit(place.person("kit", "moderator").token)
    kits.page.goto("/")
    kits.page.get_by_role("button", name="Invite somebody").click()
    kits.page.get_by_role("button", name="Make the link").click()
    link = kits.page.get_by_label("The link for one person").input_value()
    assert "/join#" in link
    kits.page.get_by_role("button", name="Close").click()
    kits.page.get_by_role("button", name="New room").click()
    kits.page.get_by_label("Name").fill("Quiet Corner")
    kits.page.get_by_label("Who can come in").select_option("invitation")
    kits.page.get_by_role("button", name="Make the room").click()
    expect(kits.page.get_by_role("heading", name="Quiet Corner")).to_be_visible()
    ana = place.person("ana")
    kits.page.get_by_role("button", name="About this room").click()
    kits.page.get_by_label("Their handle").fill(ana.handle)
    kits.page.get_by_role("button", name="Let in", exact=True).click()
    expect(kits.page.get_by_text(f"{ana.handle} can come in now.")).to_be_visible()


def test_agreements_are_read_before_joining(place: Place, visit: Open) -> None:
    ana = place.person("ana")
    room = place.room(name="Agreed Porch", agreements="What is said here stays here.")
    hers = visit(ana.token)
    hers.page.goto(f"/room/{room}")
    expect(hers.page.get_by_text("What is said here stays here.")).to_be_visible()
    hers.page.get_by_role("button", name="I agree, join").click()
    hers.say("glad to be here")
    expect(hers.message("glad to be here")).to_be_visible()
    changed = {"room": room, "agreements": "And we do not interrupt."}
    place.ask(place.server.tokens["moderator"], ("room:update", changed))
    expect(hers.page.get_by_text("And we do not interrupt.")).to_be_visible()
    hers.page.get_by_role("button", name="I agree").click()
    expect(hers.box).to_be_visible()
    hers.page.get_by_role("button", name="About this room").click()
    hers.page.get_by_role("button", name="Leave this room").click()
    hers.confirm("Leave this room")
    expect(hers.page).to_have_url(re.compile(r"/$"))
    expect(hers.page.get_by_role("heading", name="Rooms you can join")).to_be_visible()


def test_the_first_admin_sets_the_community_up(browser: Browser) -> None:
    with serving(sample=False) as fresh:
        link = wait_for(r"http://\S+/setup#\S+", fresh.log)
        first = Visit(browser, fresh.url, None)
        page = first.page
        page.goto("/")
        expect(page.get_by_role("heading", name="Set up your community")).to_be_visible()
        expect(page.get_by_label("Set-up code")).to_be_visible()
        page.goto("about:blank")
        page.goto(link)
        expect(page.get_by_label("Set-up code")).to_have_count(0)
        page.get_by_label("Name of the community").fill("The Lantern")
        page.get_by_label("Handle").fill("noor")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Set up").click()
        expect(page.get_by_role("heading", name="Hello, noor")).to_be_visible()
        expect(page.get_by_text("There are no rooms here yet.")).to_be_visible()
        expect(page.get_by_role("button", name="New room")).to_be_visible()
        assert first.complaints == []
        first.close()
