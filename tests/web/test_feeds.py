"""Atom feeds: well-formed whatever was posted, and of the newest comments only."""

from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import update

from commentbox import clock
from commentbox.actions.describe import describe
from commentbox.actions.edit import edit
from commentbox.actions.moderate import Ruling, decide
from commentbox.db import atomic
from commentbox.models import Entrance, Site, State
from commentbox.reading.recent import FEED_LENGTH
from commentbox.web import feeds
from commentbox.web.pieces import Pieces
from tests.web.readers import ORIGIN, PAGE, Reader, codes

ATOM = "{http://www.w3.org/2005/Atom}"
SITE_FEED = "/feeds/blog.atom"
THREAD_FEED = "/feeds/blog/thread.atom"


def feed(reader: Reader, path: str = SITE_FEED, **query: str) -> ET.Element:
    """Return a feed, read by a strict parser."""
    answer = reader.client.get(path, query_string=query)
    assert (answer.status_code, answer.mimetype) == (200, "application/atom+xml")
    return ET.fromstring(answer.data)


def entries(root: ET.Element) -> list[ET.Element]:
    return root.findall(f"{ATOM}entry")


def words(element: ET.Element, path: str) -> str:
    """Return the text of an element, e.g. ``"author/name"``."""
    return element.findtext("/".join(ATOM + step for step in path.split("/"))) or ""


def test_a_site_feed_is_another_one_at_another_address(
    reader: Reader, elsewhere: Callable[..., Reader]
) -> None:
    reader.posted()
    moved = elsewhere(COMMENTBOX_PUBLIC_URL="https://comments.example.org")
    known, new = (each.client.get("/feeds/blog.atom") for each in (reader, moved))
    assert known.data != new.data
    assert known.headers["ETag"] != new.headers["ETag"]


CHANGES: dict[str, Callable[[int], object]] = {
    "words": lambda number: edit(number, "Better said", clock.now()),
    "title": lambda _: describe("blog", PAGE, title="Renamed"),
    "address": lambda _: describe("blog", PAGE, url=f"{ORIGIN}/moved/"),
    "no address": lambda _: describe("blog", PAGE, url=""),
}


@pytest.mark.parametrize("path", [SITE_FEED, THREAD_FEED])
@pytest.mark.parametrize("change", CHANGES)
def test_a_kept_entry_is_what_it_would_be_if_it_were_written_anew(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, path: str, change: str
):
    mine = reader.posted(title="A post", url=f"{ORIGIN}{PAGE}/")
    query = {"page": PAGE}
    before = reader.client.get(path, query_string=query).data
    with reader.app.app_context():
        CHANGES[change](mine.id)
    by_what_is_kept = reader.client.get(path, query_string=query | {"n": "1"}).data
    assert by_what_is_kept != before
    monkeypatch.setattr(feeds, "PIECES", Pieces())
    anew = reader.client.get(path, query_string=query | {"n": "2"}).data
    assert anew.replace(b"n=2", b"n=1") == by_what_is_kept


def test_an_entry_says_who_said_what_where(reader: Reader):
    url = f"{ORIGIN}{PAGE}/"
    mine = reader.posted(
        "**Well** said", name="Ada", website="ada.example", url=url, title="Social media"
    )
    [entry] = entries(feed(reader))
    assert words(entry, "title") == "Ada on “Social media”"
    assert words(entry, "author/name") == "Ada"
    assert words(entry, "author/uri") == "https://ada.example"
    assert words(entry, "content").strip() == "<p><strong>Well</strong> said</p>"
    assert entry.find(f"{ATOM}link").get("href") == f"{url}#comment-{mine.id}"


def test_where_the_page_is_not_known_an_entry_leads_to_the_hosted_one(reader: Reader):
    mine = reader.posted(page="post-42")
    [entry] = entries(feed(reader))
    address = entry.find(f"{ATOM}link").get("href")
    assert address.startswith("http://localhost/sites/blog/thread?page=post-42")
    assert f'id="comment-{mine.id}"' in reader.client.get(address).text


HOSTILE = ["<&>\"']]>", "\x0b\x1b\x7f\ufffe", "😀\u202e\u200b", "a\ud7ff\ue000", "{{ 7*7 }}%(x)s%"]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_feed_is_well_formed_whatever_was_posted(reader: Reader, hostile: str):
    line = "".join(char for char in hostile if char >= " " and char != "\x7f")
    reader.posted(f"Text {hostile}", name=line, title=line, page=f"page {line}")
    for path, query in ((SITE_FEED, {}), (THREAD_FEED, {"page": f"page {line}"})):
        root = feed(reader, path, **query)
        assert len(entries(root)) == 1
        assert words(root, "title")


def test_only_what_readers_see_is_told(reader: Reader):
    reader.posted("Held", ticket=None)
    gone, seen = reader.posted("Gone"), reader.posted("Seen")
    with reader.app.app_context():
        decide(gone.id, State.SPAM, Ruling(Entrance.CLI))
    assert [words(entry, "content").strip() for entry in entries(feed(reader))] == ["<p>Seen</p>"]
    assert seen.id


def test_the_newest_come_first_and_not_all(reader: Reader):
    for number in range(FEED_LENGTH + 2):
        reader.posted(f"Number {number}")
    found = [words(entry, "content").strip() for entry in entries(feed(reader))]
    assert found == [f"<p>Number {n}</p>" for n in range(FEED_LENGTH + 1, 1, -1)]


def test_names_are_permanent_and_of_one_thing_each(reader: Reader):
    reader.posted(page="/a")
    reader.posted("Another", page="/b")
    feeds = [
        feed(reader),
        feed(reader, THREAD_FEED, page="/a"),
        feed(reader, THREAD_FEED, page="/b"),
    ]
    names = [words(root, "id") for root in feeds]
    names += [words(entry, "id") for entry in entries(feeds[0])]
    assert len(set(names)) == 5
    moved = reader.app.test_client().get(SITE_FEED, base_url="https://elsewhere.example/below")
    assert words(ET.fromstring(moved.data), "id") == names[0]
    assert all(name.startswith("urn:uuid:") for name in names)


def test_the_feed_of_a_thread_has_its_comments_only(reader: Reader):
    reader.posted("Here", page="/a")
    reader.posted("There", page="/b")
    [entry] = entries(feed(reader, THREAD_FEED, page="/a/?utm_source=x"))
    assert words(entry, "content").strip() == "<p>Here</p>"


def test_a_page_without_a_thread_has_no_feed(reader: Reader):
    answer = reader.client.get(THREAD_FEED, query_string={"page": "/none"})
    assert (answer.status_code, codes(answer)) == (404, ("unknown_thread",))


def test_an_unknown_site_has_no_feed(reader: Reader):
    for path in ("/feeds/none.atom", "/feeds/none/thread.atom?page=/a", "/feeds/%00.atom"):
        assert codes(reader.client.get(path)) == ("unknown_site",)


def test_a_site_without_comments_has_an_empty_feed(reader: Reader):
    assert entries(feed(reader)) == []


def test_a_feed_speaks_the_language_asked_for(reader: Reader):
    reader.posted(name="Ada", title="Social media")
    assert words(feed(reader, lang="de"), "title") != words(feed(reader, lang="en"), "title")


def test_a_sites_name_may_hold_anything(reader: Reader):
    with reader.app.app_context(), atomic() as session:
        session.execute(update(Site).values(name="<Ada> & 100 % \x01"))
    assert "<Ada> & 100 %" in words(feed(reader), "title")
