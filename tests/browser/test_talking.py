"""Two people in one room, and what can go wrong between them."""

from collections.abc import Callable

from playwright.sync_api import expect

from .place import DESKTOP, Place, Visit

Open = Callable[..., Visit]


def test_two_people_talk(place: Place, visit: Open) -> None:
    ana, ben = place.person("ana"), place.person("ben")
    room = place.room(ana, ben)
    hers, his = visit(ana.token).enter(room), visit(ben.token, size=DESKTOP).enter(room)
    hers.say("Hello, is anybody awake?")
    expect(his.message("is anybody awake?")).to_contain_text(ana.handle)
    his.say("I am. See https://example.org/tea <b>now</b>")
    answer = hers.message("I am.")
    expect(answer).to_contain_text("<b>now</b>")
    link = answer.get_by_role("link", name="https://example.org/tea")
    expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
    expect(hers.message("is anybody awake?")).to_contain_text("You")
    expect(hers.page.get_by_role("log")).to_contain_text(f"{ben.handle}: I am.")
    assert hers.page.title() == "Community"


def test_what_is_written_without_a_connection_arrives_once(place: Place, visit: Open) -> None:
    ana, ben = place.person("ana"), place.person("ben")
    room = place.room(ana, ben)
    hers, his = visit(ana.token).enter(room), visit(ben.token).enter(room)
    hers.context.set_offline(True)
    expect(hers.page.get_by_text("No connection since")).to_be_visible()
    expect(hers.page.get_by_text("What you write is kept and sent later.")).to_be_visible()
    hers.say("written in the tunnel")
    hers.say("and one more")
    expect(hers.page.get_by_text("Not sent yet")).to_have_count(2)
    place.say(ben, room, "said meanwhile")
    hers.context.set_offline(False)
    expect(hers.message("said meanwhile")).to_be_visible()
    expect(his.message("and one more")).to_be_visible()
    expect(hers.page.get_by_text("Not sent yet")).to_have_count(0)
    assert place.texts(ben, room) == ["said meanwhile", "written in the tunnel", "and one more"]


def test_a_reload_loses_neither_draft_nor_outbox(place: Place, visit: Open) -> None:
    ana = place.person("ana")
    room = place.room(ana)
    hers = visit(ana.token).enter(room)
    hers.context.set_offline(True)
    expect(hers.page.get_by_text("No connection since")).to_be_visible()
    hers.say("waiting to be sent")
    hers.box.fill("half a thought")
    # The tab is loaded anew with the connection back.
    hers.context.set_offline(False)
    hers.page.reload()
    expect(hers.box).to_have_value("half a thought")
    expect(hers.message("waiting to be sent")).to_be_visible()
    assert place.texts(ana, room) == ["waiting to be sent"]


def test_a_final_refusal_says_why_and_can_be_changed(place: Place, visit: Open) -> None:
    ana = place.person("ana")
    room = place.room(ana)
    hers = visit(ana.token).enter(room)
    hers.say("\u200b")
    expect(hers.page.get_by_text("There is nothing to read in this message.")).to_be_visible()
    hers.page.get_by_role("button", name="Change it").click()
    hers.say("now with words")
    expect(hers.message("now with words")).to_be_visible()
    expect(hers.page.get_by_text("This was not sent.")).to_have_count(0)


def test_edit_retract_and_reaction_reach_the_other(place: Place, visit: Open) -> None:
    ana, ben = place.person("ana"), place.person("ben")
    room = place.room(ana, ben)
    hers, his = visit(ana.token).enter(room), visit(ben.token).enter(room)
    hers.say("three days")
    his.act("three days", "Celebrate")
    expect(hers.message("three days")).to_contain_text("1")
    chip = hers.message("three days").get_by_role("button", name="Celebrate: 1")
    chip.click()
    expect(his.message("three days").get_by_role("button", name="Celebrate: 2")).to_be_visible()
    hers.act("three days", "Change")
    expect(hers.box).to_have_value("three days")
    hers.box.fill("four days")
    hers.page.get_by_role("button", name="Save").click()
    expect(his.message("four days")).to_contain_text("edited")
    his.act("four days", "Answer")
    his.say("proud of you")
    expect(hers.message("proud of you")).to_contain_text("In answer to you")
    hers.act("four days", "Take back")
    hers.confirm("Take back")
    expect(his.message("This message was taken back.")).to_be_visible()
    expect(his.message("four days")).to_have_count(0)


def test_a_block_hides_both_ways_and_can_be_lifted(place: Place, visit: Open) -> None:
    ana, ben = place.person("ana"), place.person("ben")
    room = place.room(ana, ben)
    hers, his = visit(ana.token).enter(room), visit(ben.token).enter(room)
    his.say("something unkind")
    hers.act("something unkind", f"Block {ben.handle}")
    expect(hers.page.get_by_text("They are not told.")).to_be_visible()
    hers.confirm(f"Block {ben.handle}")
    expect(hers.message("something unkind")).to_have_count(0)
    hers.say("peace and quiet")
    expect(hers.message("peace and quiet")).to_be_visible()
    his.say("still there?")
    expect(his.message("still there?")).to_be_visible()
    expect(his.message("peace and quiet")).to_have_count(0)
    expect(hers.message("still there?")).to_have_count(0)
    hers.page.goto("/settings")
    hers.page.get_by_role("button", name=f"Lift the block of {ben.handle}").click()
    expect(hers.page.get_by_text("You have blocked nobody.")).to_be_visible()
    hers.enter(room)
    expect(hers.message("still there?")).to_be_visible()


def test_typing_and_presence_are_shown_only_when_let(place: Place, visit: Open) -> None:
    ana, ben = place.person("ana"), place.person("ben")
    room = place.room(ana, ben)
    his = visit(ben.token).enter(room)
    hers = visit(ana.token)
    hers.page.goto("/settings")
    for words in ("Others may see that I am here", "Others may see that I am writing"):
        switch = hers.page.get_by_role("switch", name=words)
        expect(switch).not_to_be_checked()
        switch.check()
        expect(switch).to_have_attribute("aria-busy", "false")
        expect(switch).to_be_checked()
    hers.enter(room)
    expect(his.page.get_by_text("1 here now")).to_be_visible()
    hers.box.press_sequentially("well")
    expect(his.page.get_by_text(f"{ana.handle} is writing")).to_be_visible()
    his.box.press_sequentially("well")
    hers.box.fill("")
    expect(his.page.get_by_text(f"{ana.handle} is writing")).to_have_count(0)
    expect(hers.page.get_by_text(f"{ben.handle} is writing")).to_have_count(0)


def test_a_held_message_waits_for_somebody_to_look(place: Place, visit: Open) -> None:
    ana, ben = place.person("ana"), place.person("ben")
    room = place.room(ana, ben)
    hers, his = visit(ana.token).enter(room), visit(ben.token).enter(room)
    kits = visit(place.server.tokens["moderator"]).enter(room)
    hers.say("write to me: ana@home.example")
    expect(hers.message("ana@home.example")).to_contain_text("A moderator will look at this first.")
    expect(his.message("Waiting for a moderator to look.")).to_be_visible()
    expect(his.message("ana@home.example")).to_have_count(0)
    kits.act("ana@home.example", "Let it be seen")
    expect(his.message("ana@home.example")).to_be_visible()
    expect(hers.page.get_by_text("A moderator will look at this first.")).to_have_count(0)
    kits.act("ana@home.example", "Take out of sight")
    kits.confirm("Take out of sight")
    expect(his.message("A moderator took this message out of sight.")).to_be_visible()
    expect(his.message("ana@home.example")).to_have_count(0)
