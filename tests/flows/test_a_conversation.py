"""The main flow, end to end: read, post, reply, reply deeper, edit, delete, moderate."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tests.flows.conftest import Desk
from tests.web.readers import PAGE, Posted, Reader

NewReader = Callable[[], Reader]


def test_a_conversation_from_the_first_word_to_the_moderator(
    new_reader: NewReader, ben: Desk
) -> None:
    ada, cy = new_reader(), new_reader()

    # Nobody has written yet: the page has no thread, and the reader sees an empty one.
    assert ada.read()["count"] == 0
    assert ada.stored()["Thread"] == 0

    first = ada.posted("Does a company need *guidelines*?", name="Ada")
    reply = cy.posted("Trust needs no rules.", name="Cy", parent=first.id)
    deeper = ada.posted("It needs words, though.", name="Ada", parent=reply.id)

    thread = cy.read()
    assert thread["count"] == 3
    assert names_by_depth(thread) == [(0, "Ada"), (1, "Cy"), (2, "Ada")]
    assert html_of(thread, first) == "<p>Does a company need <em>guidelines</em>?</p>"
    assert comment_of(thread, deeper)["parent"] == reply.id

    # Cy thinks again: the text changes in place and says so.
    edited = cy.to_comment(
        reply.id, "edit", edit_token=reply.edit_token, text="Trust needs few rules."
    )
    assert edited.status_code == 200
    assert html_of(ada.read(), reply) == "<p>Trust needs few rules.</p>"
    assert comment_of(ada.read(), reply)["edited_at"] is not None

    # … and takes it back: Ada's answer stays, below a placeholder that tells nothing.
    deleted = cy.to_comment(reply.id, "delete", edit_token=reply.edit_token)
    assert deleted.status_code == 200
    thread = ada.read()
    assert thread["count"] == 2
    gone = comment_of(thread, reply)
    assert (gone["state"], gone["name"], gone["html"]) == ("removed", "", "")
    assert html_of(thread, deeper) == "<p>It needs words, though.</p>"

    # Ben removes Ada's answer: with it goes the placeholder, for nothing hangs on it any more.
    ben.decide(deeper.id, "removed")
    thread = ada.read()
    assert thread["count"] == 1
    assert names_by_depth(thread) == [(0, "Ada")]

    # Everybody errs: Ben brings it back.
    ben.decide(deeper.id, "published")
    assert names_by_depth(ada.read()) == [(0, "Ada"), (1, ""), (2, "Ada")]


def test_every_entrance_shows_the_same_conversation(new_reader: NewReader) -> None:
    ada, cy = new_reader(), new_reader()
    first = ada.posted("Who is *we*?", name="Ada")
    answer = cy.post_by_page("All of us.", name="Cy", parent=first.id)
    assert answer.status_code == 303

    fragment = ada.client.get("/embed/blog/thread", query_string={"page": PAGE}).text
    hosted = ada.client.get(answer.headers["Location"]).text
    feed = ada.client.get("/feeds/blog/thread.atom", query_string={"page": PAGE}).text
    counts = ada.client.get("/api/v1/sites/blog/counts", query_string={"page": PAGE}).json

    for shown in (fragment, hosted):
        assert "<p>Who is <em>we</em>?</p>" in shown
        assert "<p>All of us.</p>" in shown
    assert "All of us." in feed
    assert counts == {"counts": {PAGE: 2}}


def test_an_answer_that_got_lost_can_be_sent_again_and_is_posted_once(
    new_reader: NewReader,
) -> None:
    ada = new_reader()
    once = ada.post("Hello?", idempotency_key="k" * 20)
    again = ada.post("Hello?", idempotency_key="k" * 20)

    assert (once.status_code, again.status_code) == (201, 201)
    assert once.json["comment"]["id"] == again.json["comment"]["id"]
    assert ada.read()["count"] == 1


def test_a_reader_who_has_the_thread_hears_304_until_it_changes(new_reader: NewReader) -> None:
    ada = new_reader()
    first = ada.posted("One.")
    path = f"/embed/blog/thread?page={PAGE}"
    etag = ada.client.get(path).headers["ETag"]

    assert ada.client.get(path, headers={"If-None-Match": etag}).status_code == 304
    ada.posted("Two.", parent=first.id)
    assert ada.client.get(path, headers={"If-None-Match": etag}).status_code == 200


def names_by_depth(thread: dict[str, Any]) -> list[tuple[int, str]]:
    """Return whose comments are shown, in reading order, e.g. ``[(0, "Ada"), (1, "Cy")]``."""
    return [(depth, comment["name"]) for depth, comment in walk(thread["comments"])]


def comment_of(thread: dict[str, Any], posted: Posted) -> dict[str, Any]:
    """Return a comment as the thread shows it."""
    return next(c for _, c in walk(thread["comments"]) if c["id"] == posted.id)


def html_of(thread: dict[str, Any], posted: Posted) -> str:
    """Return a comment's text as the thread shows it."""
    html: str = comment_of(thread, posted)["html"]
    return html


def walk(
    comments: Sequence[dict[str, Any]], depth: int = 0
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Go through comments and their replies in reading order."""
    for comment in comments:
        yield depth, comment
        yield from walk(comment["replies"], depth + 1)
