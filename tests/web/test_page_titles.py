"""Whose words stand above a thread: the first comment's that readers see, or the owner's."""

import pytest

from commentbox.actions.describe import describe
from commentbox.actions.moderate import Ruling, decide
from commentbox.models import Entrance, State
from tests.web.readers import ORIGIN, PAGE, Reader


def test_a_published_comment_tells_the_pages_title(reader: Reader) -> None:
    reader.posted(title="Social media")
    assert reader.read()["title"] == "Social media"


def test_a_held_comment_does_not_change_the_title(reader: Reader) -> None:
    reader.posted("First", title="Social media")
    reader.posted("Second", title="Buy pills", ticket=None)
    assert reader.read()["title"] == "Social media"


def test_a_held_comment_puts_no_title_above_an_empty_thread(reader: Reader) -> None:
    reader.posted(title="Buy pills", ticket=None)
    assert reader.read()["title"] is None
    assert "Buy pills" not in reader.look().text


def test_the_title_of_a_held_first_comment_gives_way_to_the_next(reader: Reader) -> None:
    held = reader.posted("First", title="Buy pills", ticket=None)
    reader.posted("Second", title="Social media")
    with reader.app.app_context():
        decide(held.id, State.PUBLISHED, Ruling(Entrance.CLI))
    assert reader.read()["title"] == "Social media"


def test_a_held_comment_leaves_no_title_to_a_first_one_without(reader: Reader) -> None:
    reader.posted("First", title="Buy pills", ticket=None)
    reader.posted("Second")
    assert reader.read()["title"] is None


def test_a_later_comment_does_not_rename_the_page(reader: Reader) -> None:
    reader.posted("First", title="Social media", url=f"{ORIGIN}{PAGE}")
    reader.posted("Second", title="Buy pills", url=f"{ORIGIN}{PAGE}?buy=pills", page=PAGE)
    shown = reader.read()
    assert (shown["title"], shown["url"]) == ("Social media", f"{ORIGIN}{PAGE}")


def test_a_later_comment_tells_what_was_missing(reader: Reader) -> None:
    reader.posted("First")
    reader.posted("Second", title="Social media", url=f"{ORIGIN}{PAGE}")
    shown = reader.read()
    assert (shown["title"], shown["url"]) == ("Social media", f"{ORIGIN}{PAGE}")


def test_no_answer_tells_what_a_held_comment_said_of_its_page(reader: Reader) -> None:
    told = {"page": "post-42", "title": "Buy pills", "url": f"{ORIGIN}/logout?now"}
    reader.posted("Held", ticket=None, **told)
    for path in ("api/v1/sites/blog/thread", "embed/blog/thread", "sites/blog/thread"):
        shown = reader.client.get(f"/{path}?page=post-42").text
        assert "pills" not in shown
        assert "logout" not in shown
    feed = reader.client.get("/feeds/blog/thread.atom?page=post-42")
    assert feed.status_code == 200
    assert "pills" not in feed.text


def test_what_the_owner_says_of_a_page_is_not_changed_by_comments(reader: Reader) -> None:
    with reader.app.app_context():
        describe("blog", PAGE, title="Social media")
    assert reader.read()["title"] == "Social media"
    reader.posted(title="Buy pills", url=f"{ORIGIN}{PAGE}")
    shown = reader.read()
    assert (shown["title"], shown["url"]) == ("Social media", None)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("  Social media ", "Social media"),
        ("\u202eevil\u200b", "evil"),
        ("   ", None),
        ("\u200b", None),
    ],
)
def test_a_title_is_shown_as_far_as_it_can_be_seen(
    reader: Reader, sent: str, shown: str | None
) -> None:
    reader.posted(title=sent)
    assert reader.read()["title"] == shown


def test_the_address_bar_gives_no_title(reader: Reader) -> None:
    assert "Buy pills" not in reader.look(title="Buy pills").text


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example\\@blog.example/2026/social-media",
        "https://evil.example@blog.example/2026/social-media",
        "https://blog.example\t.evil.example/2026/social-media",
    ],
)
def test_an_address_that_browsers_read_otherwise_is_not_kept(reader: Reader, address: str) -> None:
    posted = reader.post(page=PAGE, url=address)
    if posted.status_code == 422:  # what cannot stand in one line
        return
    assert reader.thread_of(posted.json["comment"]["id"]).url is None


def test_the_sites_own_address_is_kept(reader: Reader) -> None:
    posted = reader.posted(url=f"{ORIGIN}{PAGE}?p=1&utm_source=x#:~:text=evil", page="post-42")
    assert reader.thread_of(posted.id).url == f"{ORIGIN}{PAGE}?p=1"


def test_white_space_around_an_address_is_not_part_of_it(reader: Reader) -> None:
    posted = reader.posted(page=None, url=f"\u00a0{ORIGIN}{PAGE} ")
    assert reader.thread_of(posted.id).key == PAGE
