"""Whatever goes wrong on the way, the words stay in the form and a retry posts them once."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.blog import Blog
from tests.browser.box import Box

Visit = Callable[..., Box]
Complaint = Callable[[Page, str], AbstractContextManager[None]]

POSTS = "**/api/v1/sites/blog/comments"
BUSY = (
    '{"type": "about:blank", "title": "Service Unavailable", "status": 503,'
    ' "code": "unavailable", "detail": "The service is busy: please try again in a moment."}'
)


def lose_the_answer(route: Route) -> None:
    """Let the service take the comment, and its answer get lost."""
    assert route.fetch().status == 201
    route.abort("connectionreset")


TROUBLES = {
    "the answer is lost": (lose_the_answer, "ERR_CONNECTION_RESET", 1),
    "the request is lost": (lambda route: route.abort(), "ERR_FAILED", 0),
    "a proxy answers": (
        lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"),
        "502",
        0,
    ),
    "the service is busy": (
        lambda route: route.fulfill(
            status=503, body=BUSY, headers={"Retry-After": "1", "Access-Control-Allow-Origin": "*"}
        ),
        "503",
        0,
    ),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_the_text_is_kept_and_a_retry_posts_exactly_once(
    blog: Blog, visit: Visit, complaint: Complaint, trouble: str
) -> None:
    handle, words, stored = TROUBLES[trouble]
    parent = blog.write(name="Ada")
    box = visit()
    box.reply(parent).click()
    box.write("Never say it twice", name="Cy")
    box.page.route(POSTS, handle)

    with complaint(box.page, words):
        box.send.click()
        expect(box.alert).to_contain_text("again")
    if "request" in trouble or "answer is" in trouble:
        expect(box.alert).to_contain_text("The connection was lost.")
    else:
        expect(box.alert).not_to_contain_text("connection")
    expect(box.text).to_have_value("Never say it twice")
    expect(box.send).to_have_text("Try again")
    expect(box.form_below(parent)).to_be_visible()
    assert len(blog.stored()) == 1 + stored

    box.page.unroute(POSTS)
    box.send.click()
    expect(box.comments).to_have_count(2)
    expect(box.comments.last).to_contain_text("Never say it twice")
    expect(box.comments.last).to_be_focused()
    expect(box.alert).to_be_empty()
    expect(box.send).to_have_text("Post comment")
    assert [comment.text for comment in blog.stored()[1:]] == ["Never say it twice"]


def test_without_a_network_the_text_is_kept_until_there_is_one_again(
    blog: Blog, visit: Visit, complaint: Complaint
) -> None:
    box = visit()
    # Who begins to write is given all that it takes to send.
    with box.page.expect_response("**/tickets") as ticket:
        box.write("From the train")
    ticket.value.finished()
    box.page.context.set_offline(True)
    with complaint(box.page, "ERR_INTERNET_DISCONNECTED"):
        box.send.click()
        expect(box.alert).to_contain_text("The connection was lost.")
    box.page.context.set_offline(False)
    box.send.click()
    expect(box.comments).to_contain_text("From the train")
    assert len(blog.stored()) == 1


def test_a_reload_after_a_lost_answer_keeps_the_text_and_shows_the_comment(
    blog: Blog, visit: Visit, complaint: Complaint
) -> None:
    box = visit()
    box.write("Did it arrive?")
    box.page.route(POSTS, lose_the_answer)
    with complaint(box.page, "ERR_CONNECTION_RESET"):
        box.send.click()
        expect(box.send).to_have_text("Try again")
    box.page.reload()
    expect(Box.of(box.page).comments).to_contain_text("Did it arrive?")
    expect(box.text).to_have_value("Did it arrive?")


def test_other_words_after_a_lost_answer_are_another_comment(
    blog: Blog, visit: Visit, complaint: Complaint
) -> None:
    box = visit()
    box.write("First words")
    box.page.route(POSTS, lose_the_answer)
    with complaint(box.page, "ERR_CONNECTION_RESET"):
        box.send.click()
        expect(box.send).to_have_text("Try again")
    box.page.unroute(POSTS)
    box.text.fill("Other words")
    box.send.click()
    expect(box.element.get_by_text("Other words")).to_be_visible()
    assert [comment.text for comment in blog.stored()] == ["First words", "Other words"]


@pytest.mark.parametrize("post_limit", ["1 per minute"])
def test_who_posts_too_often_is_told_how_long_to_wait(
    blog: Blog, visit: Visit, complaint: Complaint
) -> None:
    box = visit()
    box.write("Once")
    box.send.click()
    expect(box.comments).to_have_count(1)
    box.write("And once more")
    with complaint(box.page, "429"):
        box.send.click()
    expect(box.alert).to_contain_text("Too many requests from your network")
    expect(box.text).to_have_value("And once more")
    expect(box.send).to_have_text(re.compile(r"Please wait \d+ seconds\."))
    first = int(re.sub(r"\D", "", box.send.inner_text()))
    asked: list[str] = []
    box.page.on("request", lambda request: asked.append(request.url))
    box.send.dispatch_event("click")
    expect(box.send).not_to_contain_text(f" {first} ")
    assert asked == []


def test_comments_come_without_the_second_script_only_once_it_can_be_had(
    blog: Blog, visit: Visit, complaint: Complaint
) -> None:
    box = visit()
    box.page.route("**/embed-more.js", lambda route: route.abort())
    with complaint(box.page, "ERR_FAILED"), complaint(box.page, "comment-box:"):
        box.write("Said when all was well")
        box.send.click()
        expect(box.alert).to_contain_text("again")
    assert blog.stored() == []
    expect(box.text).to_have_value("Said when all was well")
    box.page.unroute("**/embed-more.js")
    box.page.reload()
    expect(Box.of(box.page).text).to_have_value("Said when all was well")
