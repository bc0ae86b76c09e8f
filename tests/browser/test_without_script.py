"""With scripts switched off, the link below a page leads to its thread, where everything works."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from commentbox.models import State
from tests.browser.blog import PAGE, Blog
from tests.browser.box import Box

OpenPage = Callable[..., Page]


@pytest.fixture
def hosted(blog: Blog, open_page: OpenPage) -> Box:
    """Return the thread of the blog's page as a reader without scripts comes to it."""
    page = open_page(blog.publish(), java_script_enabled=False)
    page.get_by_role("link", name="Comments").click()
    return Box.of(page)


def query(box: Box) -> dict[str, list[str]]:
    """Return the parameters of the page's address."""
    return parse_qs(urlsplit(box.page.url).query)


def test_the_link_below_the_page_leads_to_the_pages_own_thread(
    blog: Blog, open_page: OpenPage
) -> None:
    blog.write("Written below the page")
    page = open_page(blog.publish(), java_script_enabled=False)
    expect(page.locator("comment-box")).to_have_count(0)
    page.get_by_role("link", name="Comments").click()
    expect(Box.of(page).comments).to_contain_text("Written below the page")


def test_a_comment_an_answer_and_a_cancelled_one(blog: Blog, hosted: Box) -> None:
    hosted.write("Without any script", name="Ada")
    hosted.send.click()
    expect(hosted.comments).to_have_count(1)
    [first] = blog.stored()
    expect(hosted.comment(first.id)).to_contain_text("Without any script")
    expect(hosted.comment(first.id)).to_be_in_viewport()
    assert hosted.page.url.endswith(f"#comment-{first.id}")

    hosted.reply(first.id).click()
    expect(hosted.form_below(first.id)).to_be_visible()
    expect(hosted.title).to_have_text("Write a reply to Ada")
    expect(hosted.form).to_be_in_viewport()
    hosted.write("Not an answer after all")
    hosted.cancel.press("Enter")
    expect(hosted.form_at_home()).to_be_visible()
    expect(hosted.title).to_have_text("Write a comment")
    expect(hosted.form).to_be_in_viewport()
    expect(hosted.text).to_have_value("Not an answer after all")
    expect(hosted.cancel).to_be_hidden()
    assert len(blog.stored()) == 1

    hosted.reply(first.id).click()
    hosted.write("And answered", name="Ben")
    hosted.send.click()
    expect(hosted.comments).to_have_count(2)
    _, answer = blog.stored()
    expect(hosted.comment(answer.id)).to_contain_text("in reply to Ada")
    assert answer.parent_id == first.id
    hosted.page.reload()
    expect(hosted.comments).to_have_count(2)
    assert len(blog.stored()) == 2


def test_the_first_comment_makes_the_thread_of_the_blogs_page(
    blog: Blog, hosted: Box, open_page: OpenPage
) -> None:
    hosted.write("The first")
    hosted.send.click()
    expect(hosted.comments).to_have_count(1)
    assert query(hosted)["page"] == [PAGE]
    back = hosted.page.get_by_role("link", name="Back to the page")
    expect(back).to_have_attribute("href", f"{blog.live.url}{PAGE}/")
    expect(Box.of(open_page(blog.publish())).comments).to_contain_text("The first")


def test_enter_in_a_field_sends_and_does_not_cancel(blog: Blog, hosted: Box) -> None:
    parent = blog.write(name="Ada")
    hosted.page.reload()
    hosted.reply(parent).click()
    hosted.write("By the key alone")
    hosted.field("Name").press("Enter")
    expect(hosted.comments).to_have_count(2)
    assert blog.stored()[-1].parent_id == parent


def test_a_held_comment_is_shown_to_its_author_alone(
    blog: Blog, hosted: Box, open_page: OpenPage
) -> None:
    blog.set(moderation="all")
    hosted.write("Waiting in silence")
    hosted.send.click()
    expect(hosted.comments).to_contain_text("waiting for moderation")
    expect(hosted.comments).to_contain_text("Waiting in silence")
    expect(hosted.comments).to_be_in_viewport()

    other = Box.of(open_page(blog.hosted(), java_script_enabled=False))
    expect(other.comments).to_have_count(0)
    blog.rule(blog.stored()[0].id, State.PUBLISHED)
    hosted.page.reload()
    expect(hosted.comments).to_have_count(1)
    expect(hosted.comments).not_to_contain_text("waiting for moderation")


def test_wrong_fields_come_back_with_what_was_typed(
    blog: Blog, hosted: Box, complaints: list[str]
) -> None:
    parent = blog.write(name="Ada")
    hosted.page.reload()
    hosted.reply(parent).click()
    hosted.write("Fine words", **{"e-mail": "nobody"})
    hosted.send.click()
    expect(hosted.field("E-mail")).to_have_attribute("aria-invalid", "true")
    expect(hosted.field("E-mail")).to_have_value("nobody")
    expect(hosted.text).to_have_value("Fine words")
    expect(hosted.alert).to_have_text("Please check the marked fields.")
    expect(hosted.form_below(parent)).to_be_visible()
    complaints[:] = [each for each in complaints if "422" not in each]

    hosted.field("E-mail").fill("")
    hosted.send.click()
    expect(hosted.comments).to_have_count(2)
    assert blog.stored()[-1].parent_id == parent


def test_the_first_wrong_field_has_the_focus(
    blog: Blog, hosted: Box, complaints: list[str]
) -> None:
    hosted.write("Fine words", **{"e-mail": "nobody"})
    hosted.send.click()
    expect(hosted.field("E-mail")).to_be_focused()
    complaints[:] = [each for each in complaints if "422" not in each]


def test_the_whole_of_a_long_thread_can_be_walked(blog: Blog, hosted: Box) -> None:
    blog.set(page_size=10)
    ids = blog.write_many(25)
    hosted.page.reload()
    seen = hosted.ids()
    for further in (10, 5):
        hosted.page.get_by_role("link", name="Show more comments").click()
        expect(hosted.comment(seen[-1])).to_have_count(0)
        expect(hosted.comments).to_have_count(further)
        seen += hosted.ids()
    assert seen == ids
    hosted.page.get_by_role("link", name="Newest first").click()
    expect(hosted.comments.first).to_have_id(f"comment-{ids[-1]}")


def test_nothing_that_needs_the_script_is_offered(blog: Blog, hosted: Box) -> None:
    blog.write()
    hosted.page.reload()
    expect(hosted.remember).to_be_hidden()
    expect(hosted.comments.get_by_role("button", name="Helpful")).to_be_hidden()


def test_a_page_nobody_linked_from_says_so(
    blog: Blog, open_page: OpenPage, complaints: list[str]
) -> None:
    page = open_page(f"{blog.service.url}/sites/blog/thread", java_script_enabled=False)
    expect(page.get_by_role("alert")).to_be_visible()
    complaints.clear()


def test_with_scripts_the_hosted_page_behaves_like_the_embed(
    blog: Blog, open_page: OpenPage
) -> None:
    number = blog.write(name="Ada")
    box = Box.of(open_page(blog.hosted()))
    box.page.evaluate("window.isTheSamePage = true")
    expect(box.comment(number).get_by_role("button", name="Helpful")).to_be_visible()
    box.reply(number).click()
    expect(box.text).to_be_focused()
    box.page.keyboard.type("In place")
    box.page.keyboard.press("Control+Enter")
    expect(box.comments.last).to_contain_text("In place")
    expect(box.comments.last).to_be_focused()
    assert box.page.evaluate("window.isTheSamePage")
