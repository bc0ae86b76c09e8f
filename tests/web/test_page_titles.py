"""Whose words stand above a thread: nobody's whose comment readers do not see."""

import pytest

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
    posted = reader.posted(url=f"{ORIGIN}{PAGE}")
    assert reader.thread_of(posted.id).url == f"{ORIGIN}{PAGE}"
