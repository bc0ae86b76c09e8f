"""What stays in the reader's browser: nothing before they write, and only what they asked for."""

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from tests.browser.blog import Blog
from tests.browser.box import Box

Visit = Callable[..., Box]


def kept(box: Box) -> dict[str, Any]:
    """Return all that the browser keeps for the page, by area and name."""
    page = box.page
    areas = {
        area: json.loads(page.evaluate(f"JSON.stringify({{...{area}}})"))
        for area in ("localStorage", "sessionStorage")
    }
    cookies = page.context.cookies()
    databases = page.evaluate("indexedDB.databases()")
    caches = page.evaluate("caches.keys()")
    everything = {**areas, "cookies": cookies, "databases": databases, "caches": caches}
    return {name: content for name, content in everything.items() if content}


def test_nothing_is_kept_before_the_reader_writes(blog: Blog, visit: Visit) -> None:
    first, _ = blog.write(name="Ada"), blog.write(name="Ben")
    box = visit()
    box.reply(first).click()
    expect(box.text).to_be_focused()
    box.page.keyboard.press("Escape")
    expect(box.remember).not_to_be_checked()
    assert kept(box) == {}


def test_who_does_not_tick_the_box_is_forgotten(visit: Visit) -> None:
    box = visit()
    box.write("Just passing", name="Ada", **{"e-mail": "ada@example.org"})
    box.send.click()
    expect(box.comments).to_have_count(1)

    own = kept(box)
    assert "Ada" not in json.dumps(own)
    assert "example.org" not in json.dumps(own)
    assert list(own) == ["localStorage"]
    box.page.reload()
    expect(Box.of(box.page).field("Name")).to_have_value("")


def test_ticking_keeps_name_mail_and_site_and_unticking_deletes_them(visit: Visit) -> None:
    me = {"Name": "Ada", "E-mail": "ada@example.org", "Website": "https://ada.example"}
    box = visit()
    box.remember.check()
    box.write("I shall be back", **{label.lower(): value for label, value in me.items()})
    box.send.click()
    expect(box.comments).to_have_count(1)

    box.page.reload()
    expect(Box.of(box.page).remember).to_be_checked()
    for label, value in me.items():
        expect(box.field(label)).to_have_value(value)

    box.remember.uncheck()
    box.page.wait_for_function("!JSON.stringify(localStorage).includes('Ada')")
    box.page.reload()
    expect(Box.of(box.page).remember).not_to_be_checked()
    for label in me:
        expect(box.field(label)).to_have_value("")


def test_changes_are_kept_while_the_box_is_ticked(visit: Visit) -> None:
    box = visit()
    box.remember.check()
    box.field("Name").fill("Ada")
    box.field("Website").focus()
    box.page.wait_for_function("JSON.stringify(localStorage).includes('Ada')")
    box.field("Name").fill("Ada L.")
    box.field("Website").focus()
    box.page.wait_for_function("JSON.stringify(localStorage).includes('Ada L.')")


def test_a_draft_survives_a_reload_and_goes_once_sent(visit: Visit) -> None:
    box = visit()
    box.write("To be continued")
    box.page.reload()
    expect(Box.of(box.page).text).to_have_value("To be continued")
    box.send.click()
    expect(box.comments).to_contain_text("To be continued")
    assert "sessionStorage" not in kept(box)
    box.page.reload()
    expect(Box.of(box.page).text).to_have_value("")


def test_every_comment_that_is_answered_keeps_a_draft_of_its_own(blog: Blog, visit: Visit) -> None:
    ada, ben = blog.write(name="Ada"), blog.write(name="Ben")
    box = visit()
    box.reply(ada).click()
    box.page.keyboard.type("Dear Ada")
    box.page.reload()
    expect(Box.of(box.page).text).to_have_value("")
    box.reply(ben).click()
    box.page.keyboard.type("Dear Ben")

    box.reply(ada).click()
    expect(box.text).to_have_value("Dear Ada")
    box.reply(ben).click()
    expect(box.text).to_have_value("Dear Ben")
    box.send.click()
    expect(box.element.get_by_text("Dear Ben")).to_be_visible()
    box.reply(ada).click()
    expect(box.text).to_have_value("Dear Ada")


def test_drafts_of_two_pages_are_two(blog: Blog, visit: Visit) -> None:
    other = blog.publish(path="/other/")
    box = visit()
    box.write("About the first")
    box.page.goto(other)
    expect(Box.of(box.page).text).to_have_value("")
    box.page.go_back()
    expect(Box.of(box.page).text).to_have_value("About the first")


def test_there_is_never_a_cookie(blog: Blog, visit: Visit) -> None:
    box = visit()
    box.remember.check()
    box.write("Crumbless", name="Ada")
    box.send.click()
    expect(box.comments).to_have_count(1)
    box.page.goto(blog.hosted())
    expect(Box.of(box.page).comments).to_have_count(1)
    assert box.page.context.cookies() == []
