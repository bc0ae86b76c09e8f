"""Authors change and delete what they wrote, in place, while the edit window is open."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from playwright.sync_api import Page, expect

from commentbox.models import State
from tests.browser.blog import Blog
from tests.browser.box import Box

Visit = Callable[..., Box]
Complaint = Callable[[Page, str], AbstractContextManager[None]]


@pytest.fixture
def written(blog: Blog, visit: Visit) -> tuple[Box, int]:
    """Return a box in which the reader has just written a comment between two others."""
    blog.write("Before", name="Ada")
    box = visit()
    box.write("Teh point", name="Cy")
    box.send.click()
    expect(box.comments).to_have_count(2)
    return box, blog.stored()[-1].id


@pytest.mark.parametrize("is_reloaded", [False, True])
def test_an_own_comment_is_changed_in_place(
    blog: Blog, written: tuple[Box, int], is_reloaded: bool
) -> None:
    box, mine = written
    if is_reloaded:
        box.page.reload()
    box.comment(mine).get_by_role("button", name="Edit").click()
    expect(box.form_below(mine)).to_be_visible()
    expect(box.title).to_have_text("Edit your comment")
    expect(box.text).to_be_focused()
    expect(box.text).to_have_value("Teh point")
    expect(box.field("Name")).to_be_hidden()

    box.text.fill("The point")
    box.form.get_by_role("button", name="Save changes").click()

    expect(box.comment(mine)).to_contain_text("The point")
    expect(box.comment(mine)).to_contain_text("edited")
    expect(box.comment(mine)).to_be_focused()
    expect(box.status).to_have_text("Your changes are saved.")
    expect(box.heading).to_have_text("2 comments")
    expect(box.form_at_home()).to_be_visible()
    expect(box.title).to_have_text("Write a comment")
    expect(box.send).to_have_text("Post comment")
    expect(box.field("Name")).to_be_visible()
    expect(box.comment(mine).get_by_role("button", name="Edit")).to_have_count(1)
    assert blog.stored()[-1].text == "The point"


def test_editing_leaves_alone_what_was_being_written(blog: Blog, written: tuple[Box, int]) -> None:
    box, mine = written
    box.write("A new thought")
    edit = box.comment(mine).get_by_role("button", name="Edit")
    edit.click()
    expect(box.text).to_have_value("Teh point")
    box.form.get_by_role("button", name="Cancel editing").click()
    expect(box.text).to_have_value("A new thought")
    expect(edit).to_be_focused()
    expect(box.send).to_have_text("Post comment")

    box.send.click()
    expect(box.comments).to_have_count(3)
    assert [c.text for c in blog.stored()] == ["Before", "Teh point", "A new thought"]


def test_replying_while_editing_makes_a_reply(blog: Blog, written: tuple[Box, int]) -> None:
    box, mine = written
    box.comment(mine).get_by_role("button", name="Edit").click()
    expect(box.text).to_have_value("Teh point")
    box.reply(blog.stored()[0].id).click()
    expect(box.title).to_have_text("Write a reply to Ada")
    expect(box.field("Name")).to_be_visible()
    expect(box.text).to_have_value("")
    box.write("An answer")
    box.send.click()
    expect(box.comments).to_have_count(3)
    assert [c.text for c in blog.stored()] == ["Before", "Teh point", "An answer"]


def test_deleting_asks_once_more_and_goes_on_to_the_nearest_comment(
    blog: Blog, written: tuple[Box, int]
) -> None:
    box, mine = written
    box.comment(mine).get_by_role("button", name="Delete").click()
    expect(box.comments).to_have_count(2)
    box.comment(mine).get_by_role("button", name="Really delete?").click()

    expect(box.comment(mine)).to_have_count(0)
    expect(box.comments).to_be_focused()
    expect(box.heading).to_have_text("1 comment")
    expect(box.status).to_have_text("Your comment is deleted.")
    assert [c.state for c in blog.stored()] == [State.PUBLISHED, State.REMOVED]
    box.page.reload()
    expect(Box.of(box.page).comments).to_have_count(1)


def test_deleting_is_taken_back_by_looking_elsewhere_or_cancelling_and_not_done_by_a_double_click(
    written: tuple[Box, int],
) -> None:
    box, mine = written
    delete = box.comment(mine).get_by_role("button", name="Delete", exact=True)
    sure = box.comment(mine).get_by_role("button", name="Really delete?")
    delete.dblclick()
    expect(sure).to_be_visible()
    box.comment(mine).get_by_role("button", name="Cancel").click()
    expect(delete).to_be_focused()
    expect(sure).to_have_count(0)
    delete.press("Enter")
    expect(sure).to_be_focused()
    box.text.focus()
    expect(delete).to_be_visible()
    expect(sure).to_have_count(0)
    expect(box.comments).to_have_count(2)


def test_a_deleted_comment_with_answers_leaves_its_place(
    blog: Blog, written: tuple[Box, int]
) -> None:
    box, mine = written
    box.reply(mine).click()
    box.write("And one more thing")
    box.send.click()
    expect(box.comments).to_have_count(3)
    box.comment(mine).get_by_role("button", name="Delete").click()
    box.comment(mine).get_by_role("button", name="Really delete?").click()
    expect(box.comment(mine)).to_have_text("This comment was removed.")
    expect(box.comments).to_have_count(3)
    expect(box.heading).to_have_text("2 comments")


def test_a_held_comment_can_be_changed_and_deleted(blog: Blog, visit: Visit) -> None:
    blog.set(moderation="all")
    box = visit()
    box.write("Frist")
    box.send.click()
    box.comments.get_by_role("button", name="Edit").click()
    expect(box.text).to_have_value("Frist")
    box.text.fill("First")
    box.send.click()
    expect(box.comments.get_by_text("First")).to_be_visible()
    expect(box.comments).to_contain_text("waiting for moderation")
    box.page.reload()
    expect(box.comments.get_by_text("First")).to_be_visible()
    box.comments.get_by_role("button", name="Delete").click()
    box.comments.get_by_role("button", name="Really delete?").click()
    expect(box.comments).to_have_count(0)
    box.page.reload()
    expect(Box.of(box.page).comments).to_have_count(0)
    assert blog.stored()[0].text == ""


def test_others_cannot_change_it_nor_its_author_when_the_window_is_over(
    blog: Blog, written: tuple[Box, int], visit: Visit, complaint: Complaint
) -> None:
    box, mine = written
    expect(visit().comments.get_by_role("button", name="Edit")).to_have_count(0)

    blog.set(edit_window_seconds=0)
    with complaint(box.page, "403"):
        box.comment(mine).get_by_role("button", name="Edit").click()
    expect(box.status).to_have_text("This comment can no longer be changed.")


def test_a_comment_written_after_the_window_has_no_such_buttons(blog: Blog, visit: Visit) -> None:
    blog.set(edit_window_seconds=0)
    box = visit()
    box.write("For good")
    box.send.click()
    expect(box.comments).to_be_focused()
    expect(box.comments.get_by_role("button")).to_have_text(["Reply", "Helpful"])


def test_a_vote_is_counted_and_can_be_taken_back(blog: Blog, visit: Visit) -> None:
    number = blog.write()
    box = visit()
    vote = box.comment(number).get_by_role("button", name="Helpful")
    vote.click()
    expect(vote).to_have_attribute("aria-pressed", "true")
    expect(vote).to_have_text("Helpful · 1")
    box.page.reload()
    expect(vote).to_have_attribute("aria-pressed", "true")
    vote.click()
    expect(vote).to_have_attribute("aria-pressed", "false")
    expect(vote).to_have_text("Helpful")
    assert blog.stored()[0].score == 0


def test_a_vote_that_fails_says_so_in_sight_until_the_next_deed(
    blog: Blog, visit: Visit, complaint: Complaint
) -> None:
    numbers = blog.write_many(9)
    box = visit()
    vote = box.comment(numbers[0]).get_by_role("button", name="Helpful")
    box.page.route("**/vote", lambda route: route.abort())
    with complaint(box.page, "ERR_FAILED"):
        vote.click()
        expect(box.status).to_have_text("That did not work. Please try again later.")
    expect(box.status).to_be_in_viewport(ratio=1)
    box.page.unroute("**/vote")
    vote.click()
    expect(vote).to_have_text("Helpful · 1")
    expect(box.status).to_be_empty()
