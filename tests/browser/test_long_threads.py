"""A long thread comes in pages of whole conversations, and every comment of it can be reached."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.blog import Blog
from tests.browser.box import Box

Visit = Callable[..., Box]
Complaint = Callable[[Page, str], AbstractContextManager[None]]


@pytest.fixture
def ids(blog: Blog) -> list[int]:
    """Return the comments of a thread of three pages."""
    blog.set(page_size=10)
    return blog.write_many(25)


def later(box: Box) -> Locator:
    """Return what shows the comments after these."""
    return box.element.get_by_text("Show more comments")


def earlier(box: Box) -> Locator:
    """Return what shows the comments before these."""
    return box.element.get_by_text("Show earlier comments")


def test_more_adds_the_next_comments_and_goes_to_the_first_of_them(
    ids: list[int], visit: Visit
) -> None:
    box = visit()
    expect(box.heading).to_have_text("25 comments")
    assert box.ids() == ids[:10]
    later(box).press("Enter")
    expect(box.comment(ids[10])).to_be_focused()
    expect(box.comment(ids[10])).to_be_in_viewport()
    assert box.ids() == ids[:20]
    later(box).click()
    expect(box.comment(ids[20])).to_be_focused()
    assert box.ids() == ids
    expect(later(box)).to_have_count(0)


def test_from_a_link_into_the_middle_both_ends_can_be_reached(
    blog: Blog, ids: list[int], visit: Visit
) -> None:
    box = visit(f"{blog.publish()}#comment-{ids[13]}")
    expect(box.comment(ids[13])).to_be_focused()
    for beginning in (ids[3], ids[0]):
        earlier(box).click()
        expect(box.comment(beginning)).to_be_focused()
        expect(box.comment(beginning)).to_be_in_viewport(ratio=1)
    expect(earlier(box)).to_have_count(0)
    later(box).click()
    expect(later(box)).to_have_count(0)
    assert box.ids() == ids


def test_the_newest_come_first_for_who_wants_it(ids: list[int], visit: Visit) -> None:
    box = visit()
    newest = box.element.get_by_role("link", name="Newest first")
    newest.click()
    expect(newest).to_be_focused()
    expect(newest).to_have_attribute("aria-current", "true")
    assert box.ids() == ids[:14:-1]
    later(box).click()
    expect(box.comment(ids[14])).to_be_focused()
    assert box.ids() == ids[:4:-1]


def test_a_new_comment_stands_first_where_the_newest_come_first(
    blog: Blog, ids: list[int], visit: Visit
) -> None:
    box = visit(blog.publish(blog.snippet(sort="newest")))
    box.write("The very newest")
    box.send.click()
    expect(box.comments.first).to_contain_text("The very newest")
    expect(box.comments.first).to_be_focused()


def test_a_comment_sent_before_the_end_was_read_is_shown_once(ids: list[int], visit: Visit) -> None:
    box = visit()
    box.write("I could not wait")
    box.send.click()
    expect(box.element.get_by_text("I could not wait")).to_be_visible()
    while later(box).count():
        shown = len(box.ids())
        later(box).click()
        expect(box.comments).not_to_have_count(shown)
    expect(box.element.get_by_text("I could not wait")).to_have_count(1)
    assert box.ids() == [*ids, ids[-1] + 1]
    expect(box.element.locator(".cb-apart")).to_have_count(0)


def test_who_comes_back_finds_the_way_to_an_own_comment(
    blog: Blog, ids: list[int], visit: Visit
) -> None:
    box = visit()
    mine = []
    for text in ("My first", "My second"):
        box.write(text)
        box.send.click()
        expect(box.comments.last).to_contain_text(text)
        mine.append(blog.stored()[-1].id)
    way = box.element.get_by_role("link", name="Your comment")
    expect(way).to_have_count(0)
    box.page.reload()
    expect(way).to_be_visible()
    assert box.ids() == ids[:10]
    for _ in range(2):  # the same address again leads there as well
        way.press("Enter")
        expect(box.comment(mine[1])).to_be_focused()
        expect(box.comment(mine[1]).get_by_role("button", name="Delete")).to_be_visible()
        expect(way).to_have_count(0)
        box.element.get_by_role("link", name="Newest first").click()
        box.element.get_by_role("link", name="Oldest first").click()
        expect(box.comment(ids[0])).to_be_visible()
    later(box).click()
    later(box).click()
    expect(box.comment(mine[0])).to_be_visible()
    expect(way).to_have_count(0)


def test_the_way_to_an_own_comment_that_waits_leads_to_what_it_answers(
    blog: Blog, ids: list[int], visit: Visit
) -> None:
    blog.set(moderation="all")
    box = visit(f"{blog.publish(lang='de')}#comment-{ids[13]}")
    box.comment(ids[13]).get_by_role("button", name="Antworten").click()
    box.form.get_by_label("Kommentar", exact=True).fill("Eine Antwort, die wartet")
    box.send.click()
    expect(box.element.get_by_text("Eine Antwort, die wartet")).to_be_visible()
    box.page.goto("about:blank")
    box.page.goto(blog.publish(lang="de"))
    box.element.get_by_role("link", name="Dein Kommentar").click()
    expect(box.comment(ids[13])).to_be_focused()
    expect(box.element.get_by_text("Eine Antwort, die wartet")).to_be_visible()


def test_what_is_being_written_comes_along_when_the_order_changes(
    blog: Blog, ids: list[int], visit: Visit
) -> None:
    box = visit()
    box.reply(ids[4]).click()
    box.write("While I look around", name="Cy", website="https://cy.example")
    newest = box.element.get_by_role("link", name="Newest first")
    newest.click()
    expect(box.status).to_contain_text("What you were writing is kept")
    expect(box.form_at_home()).to_be_visible()
    expect(box.text).to_have_value("")
    box.element.get_by_role("link", name="Oldest first").click()
    expect(box.comment(ids[4])).to_be_visible()
    box.reply(ids[4]).click()
    expect(box.text).to_have_value("While I look around")
    blog.set(page_size=30)
    newest.click()
    expect(box.comments).to_have_count(25)
    expect(box.form_below(ids[4])).to_be_visible()
    expect(box.text).to_have_value("While I look around")
    expect(box.field("Name")).to_have_value("Cy")
    expect(box.field("Website")).to_have_value("https://cy.example")
    expect(newest).to_be_focused()


def test_what_is_being_written_stays_when_more_is_shown(ids: list[int], visit: Visit) -> None:
    box = visit()
    box.reply(ids[4]).click()
    box.page.keyboard.type("While I read on")
    later(box).click()
    expect(box.comments).to_have_count(20)
    expect(box.form_below(ids[4])).to_be_visible()
    expect(box.text).to_have_value("While I read on")


def test_a_lost_connection_leaves_the_button_for_another_try(
    ids: list[int], visit: Visit, complaint: Complaint
) -> None:
    box = visit()
    box.page.route("**/embed/**", lambda route: route.abort())
    with complaint(box.page, "ERR_FAILED"), complaint(box.page, "comment-box:"):
        later(box).click()
        expect(box.status).to_contain_text("Comments cannot be shown")
    box.page.unroute("**/embed/**")
    later(box).click()
    expect(box.comments).to_have_count(20)
    expect(box.status).to_be_empty()
