"""Sending shows the comment in place, to everybody or, while it waits, to its author alone."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

from playwright.sync_api import Page, expect

from commentbox.models import State
from tests.browser.blog import Blog
from tests.browser.box import Box
from tests.browser.gate import Gate

Visit = Callable[..., Box]
Complaint = Callable[[Page, str], AbstractContextManager[None]]

WAITING = "Your comment is waiting for moderation. Until then only you can see it."


def test_a_comment_is_shown_at_once(blog: Blog, visit: Visit) -> None:
    box = visit()
    expect(box.heading).to_have_text("No comments yet")
    box.write("Well **said**!", name="Ada", website="https://ada.example")
    box.send.click()

    comment = box.comments.first
    expect(comment).to_be_focused()
    expect(comment.locator("strong")).to_have_text("said")
    expect(comment.get_by_role("link", name="Ada")).to_have_attribute("href", "https://ada.example")
    expect(box.heading).to_have_text("1 comment")
    expect(box.status).to_have_text("Your comment is published.")
    expect(box.text).to_have_value("")
    expect(visit().comments).to_have_count(1)
    assert [comment.text for comment in blog.stored()] == ["Well **said**!"]


def test_impatient_clicks_post_once_and_the_button_says_that_it_is_sending(
    blog: Blog, visit: Visit
) -> None:
    box = visit()
    gate = Gate.on(box.page, "**/sites/blog/comments")
    box.write("Only once")
    box.send.evaluate("button => { button.click(); button.click(); button.click() }")
    expect(box.send).to_have_text("Sending …")
    expect(box.send).to_have_attribute("aria-disabled", "true")
    expect(box.status).to_be_in_viewport()
    gate.open()
    expect(box.comments).to_have_count(1)
    expect(box.send).to_have_text("Post comment")
    expect(box.send).not_to_have_attribute("aria-disabled", "true")
    box.page.reload()
    expect(Box.of(box.page).comments).to_have_count(1)
    assert gate.met == len(blog.stored()) == 1


def test_a_thread_is_named_as_its_page_is_where_it_is_shared(blog: Blog, visit: Visit) -> None:
    box = visit(blog.publish(head='<meta property="og:title" content="Do we need rules?">'))
    box.write("First")
    box.send.click()
    expect(box.comments).to_have_count(1)
    box.page.reload()
    expect(Box.of(box.page).form).to_have_accessible_name("Write a comment on “Do we need rules?”")


def test_a_preview_shows_the_text_as_it_would_be_until_it_changes(blog: Blog, visit: Visit) -> None:
    box = visit()
    preview = box.form.locator(".cb-preview")
    box.write("Well **said**!")
    box.form.get_by_role("button", name="Preview").click()
    expect(preview.locator("strong")).to_have_text("said")
    box.text.press("End")
    box.page.keyboard.type("!")
    expect(preview).to_be_empty()
    assert blog.stored() == []


def test_a_held_comment_is_marked_and_only_its_author_sees_it(blog: Blog, visit: Visit) -> None:
    blog.set(moderation="all")
    box = visit()
    box.write("Between you and me")
    box.send.click()

    expect(box.comments).to_contain_text(WAITING)
    expect(box.comments).to_contain_text("Between you and me")
    expect(box.comments).to_be_focused()
    expect(box.status).to_have_text(WAITING)
    expect(box.heading).to_have_text("No comments yet")
    box.page.reload()
    expect(Box.of(box.page).comments).to_contain_text(WAITING)
    expect(visit().comments).to_have_count(0)


def test_a_held_answer_stands_below_what_it_answers_also_after_a_reload(
    blog: Blog, visit: Visit
) -> None:
    parent = blog.write(name="Ada")
    blog.write(name="Ben")
    blog.set(moderation="all")
    box = visit()
    box.reply(parent).click()
    box.page.keyboard.type("Below Ada")
    box.send.click()

    answer = f"#comment-{parent} ~ .cb-replies .cb-held"
    expect(box.element.locator(answer)).to_contain_text("Below Ada")
    box.page.reload()
    expect(box.element.locator(answer)).to_contain_text("Below Ada")


def test_once_published_a_held_comment_is_everybodys_and_forgotten_here(
    blog: Blog, visit: Visit
) -> None:
    blog.set(moderation="all")
    box = visit()
    box.write("Patience pays")
    box.send.click()
    expect(box.comments).to_contain_text(WAITING)
    assert "Patience pays" in box.page.evaluate("JSON.stringify(localStorage)")

    blog.rule(blog.stored()[0].id, State.PUBLISHED)
    box.page.reload()

    expect(box.comments).to_have_count(1)
    expect(box.comments).not_to_contain_text(WAITING)
    box.page.wait_for_function("!JSON.stringify(localStorage).includes('Patience pays')")
    expect(visit().comments).to_have_count(1)


def test_every_wrong_field_says_what_is_wrong_with_it(
    blog: Blog, visit: Visit, complaint: Complaint
) -> None:
    box = visit()
    box.write("", **{"e-mail": "nobody", "website": "ftp://x"})
    with complaint(box.page, "422"):
        box.send.click()

    expect(box.text).to_be_focused()
    for label, words in {
        "Comment": "Please fill in this field.",
        "E-mail": "like ada@example.org",
        "Website": "like https://example.org",
    }.items():
        expect(box.field(label)).to_have_attribute("aria-invalid", "true")
        expect(box.field(label)).to_have_accessible_description(_containing(words))
    expect(box.field("Name")).not_to_have_attribute("aria-invalid", "true")
    expect(box.alert).to_have_text("Please check the marked fields.")

    box.write("Now it is", **{"e-mail": "ada@example.org", "website": ""})
    expect(box.text).not_to_have_attribute("aria-invalid", "true")
    box.send.click()
    expect(box.comments).to_contain_text("Now it is")
    expect(box.alert).to_be_empty()


def test_the_first_wrong_field_gets_the_focus_and_the_others_keep_theirs(
    blog: Blog, visit: Visit, complaint: Complaint
) -> None:
    box = visit()
    box.write("Fine words", name="Ada", **{"e-mail": "nobody"})
    with complaint(box.page, "422"):
        box.send.click()
    expect(box.field("E-mail")).to_be_focused()
    expect(box.text).to_have_value("Fine words")
    expect(box.field("Name")).to_have_value("Ada")
    assert blog.stored() == []


def test_an_answer_to_what_is_gone_keeps_the_text_and_says_so(
    blog: Blog, visit: Visit, complaint: Complaint
) -> None:
    parent = blog.write()
    box = visit()
    box.reply(parent).click()
    blog.rule(parent, State.REMOVED)
    box.page.keyboard.type("Too late")
    with complaint(box.page, "422"):
        box.send.click()
    expect(box.alert).to_contain_text("cancel the reply to post on its own")
    expect(box.text).to_have_value("Too late")

    box.cancel.click()
    expect(box.alert).to_be_empty()
    box.send.click()
    expect(box.element.get_by_text("Too late")).to_be_visible()


def test_when_comments_were_closed_meanwhile_the_text_is_kept(
    blog: Blog, visit: Visit, complaint: Complaint
) -> None:
    blog.write()
    box = visit()
    box.write("One more thing")
    blog.set(is_open="no")
    with complaint(box.page, "409"):
        box.send.click()
    expect(box.alert).to_have_text(
        "Comments are closed. Copy your text before you leave this page."
    )
    expect(box.send).to_be_hidden()
    expect(box.text).to_be_focused()
    assert box.text.evaluate(
        "field => field.value.slice(field.selectionStart, field.selectionEnd)"
    ) == ("One more thing")
    box.page.reload()
    expect(Box.of(box.page).element).to_contain_text("Comments are closed.")
    expect(box.form).to_have_count(0)


def _containing(words: str) -> re.Pattern[str]:
    return re.compile(re.escape(words))
