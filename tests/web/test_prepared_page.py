"""The hosted page is prepared for all, but its form's ticket and key are each reader's own."""

import gzip
import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse

from commentbox import clock
from commentbox.actions.close import set_open
from commentbox.actions.edit import delete, edit
from commentbox.actions.looks import read_looks, set_looks
from commentbox.actions.sites import set_policy
from commentbox.web.front import GOOD_FOR
from tests.web.readers import ON_BOTH_DATABASES, ORIGIN, PAGE, Reader
from tests.web.test_front import entries, neighbour  # noqa: F401  # a fixture

HOSTED = "/sites/blog/thread"
GZIP = {"Accept-Encoding": "gzip"}
OWN = re.compile(r'name="(ticket|idempotency_key)" value="([^"]+)"')


def own(answer: TestResponse) -> dict[str, str]:
    """Return what of the form is the reader's own."""
    return dict(OWN.findall(answer.text))


def shared(answer: TestResponse) -> str:
    """Return the page as it is for all."""
    return OWN.sub("", answer.text)


@ON_BOTH_DATABASES
def test_it_is_answered_without_flask_and_with_another_form_each_time(reader: Reader):
    reader.posted("Well said! " * 100)
    first = reader.look()
    with entries(reader.app) as entered:
        again = [reader.look() for _ in range(3)]
    assert not entered
    assert {shared(each) for each in again} == {shared(first)}
    assert len({own(each)["idempotency_key"] for each in (first, *again)}) == 4
    assert [len(own(each)) for each in again] == [2, 2, 2]
    headers = [(name, value) for name, value in first.headers if name != "Content-Length"]
    assert [each for each in again[0].headers if each[0] != "Content-Length"] == headers


def test_whoever_asks_for_it_gets_it_in_one_piece(reader: Reader):
    reader.posted("Well said! " * 100 + "äöü")
    whole = reader.look()
    for method in ("GET", "HEAD"):
        for headers in ({}, GZIP):
            ask = partial(reader.client.open, HOSTED, query_string={"page": PAGE}, method=method)
            answer = ask(headers={**headers, "If-None-Match": '*, W/"1"'})
            assert answer.status_code == 200
            assert "ETag" not in answer.headers
            assert answer.headers.get("Content-Encoding") == headers.get("Accept-Encoding")
            body = gzip.decompress(answer.data) if headers and method == "GET" else answer.data
            if method == "GET":
                assert OWN.sub("", body.decode()) == shared(whole)
                assert int(answer.headers["Content-Length"]) == len(answer.data)
            else:
                assert body == b""
                assert int(answer.headers["Content-Length"]) > 1000


def test_a_form_of_a_prepared_page_was_opened_when_it_was_asked_for(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
):
    with reader.app.app_context():
        set_policy("blog", {"pace_seconds": "10"})
    reader.look()
    made_at = clock.now()
    assert timedelta(minutes=6) < GOOD_FOR
    monkeypatch.setattr(clock, "now", lambda: made_at + timedelta(minutes=5))
    with entries(reader.app) as entered:
        fields = own(reader.look())
    assert not entered
    for seconds, state in ((9, "held"), (11, "published")):
        later = made_at + timedelta(minutes=5, seconds=seconds)
        monkeypatch.setattr(clock, "now", lambda later=later: later)
        fields["idempotency_key"] += "x"
        sent = reader.post_by_page(f"After {seconds} seconds", **fields)
        assert sent.status_code == 303
        assert reader.row(int(sent.location.rpartition("-")[2])).state == state


def test_two_who_got_the_same_page_can_write_the_same(reader: Reader):
    with reader.app.app_context():
        set_policy("blog", {"pace_seconds": "0"})
    readers = [Reader(reader.app, reader.site) for _ in range(2)]
    forms = [own(each.look()) for each in readers]
    for each, form in zip(readers, forms, strict=True):
        assert each.post_by_page("Thank you!", name="Ada", **form).status_code == 303
    assert len(reader.read()["comments"]) == 2


CHANGES: dict[str, Callable[[int], object]] = {
    "edit": lambda number: edit(number, "Better said", clock.now()),
    "delete": lambda number: delete(number, clock.now()),
    "closing": lambda _: set_open("blog", PAGE, is_open=False),
    "policy": lambda _: set_policy("blog", {"require_name": "yes"}),
    "colours": lambda _: set_looks("blog", read_looks({}, {"accent": "#aa3300"})),
    "words": lambda _: set_looks("blog", read_looks({"rules": "Be kind."}, {})),
}


@ON_BOTH_DATABASES
@pytest.mark.parametrize("change", CHANGES)
def test_every_change_is_in_the_very_next_page(
    reader: Reader,
    neighbour: Reader,  # noqa: F811
    change: str,
):
    mine = reader.posted()
    before = {shared(each.look()) for each in (reader, neighbour) for _ in range(2)}
    assert len(before) == 1
    with neighbour.app.app_context():
        CHANGES[change](mine.id)
    behind = {shared(each.look()) for each in (reader, neighbour) for _ in range(2)}
    assert len(behind) == 1
    assert before != behind


@ON_BOTH_DATABASES
def test_every_new_comment_is_in_the_very_next_page(
    reader: Reader,
    neighbour: Reader,  # noqa: F811
):
    for number, writer in enumerate((neighbour, reader, neighbour)):
        reader.look()
        writer.posted(f"Thought {number}")
        assert f"Thought {number}" in reader.look().text


def test_a_closed_threads_page_is_the_same_for_all(reader: Reader):
    reader.posted("Well said! " * 100)
    with reader.app.app_context():
        set_open("blog", PAGE, is_open=False)
    first = reader.look()
    assert "cb-form" not in first.text
    with entries(reader.app) as entered:
        again, packed = reader.look(), reader.client.get(f"{HOSTED}?page={PAGE}", headers=GZIP)
        head = reader.client.head(f"{HOSTED}?page={PAGE}")
        known = reader.client.get(
            f"{HOSTED}?page={PAGE}", headers={"If-None-Match": first.headers["ETag"]}
        )
    # The address is written otherwise for the client's own questions: two are prepared.
    assert len(entered) <= 1
    assert again.data == gzip.decompress(packed.data) == first.data
    assert (head.data, head.headers["Content-Length"]) == (b"", str(len(first.data)))
    assert (known.status_code, known.data) == (304, b"")
    with reader.app.app_context():
        set_open("blog", PAGE, is_open=True)
    assert "cb-form" in reader.look().text


def personal(reader: Reader) -> dict[str, Callable[[], TestResponse]]:
    """Return ways to a page that is somebody's, each with the words “Only mine”."""
    number = reader.posted("Only mine").id
    held = reader.post_by_page("Only mine, held", ticket=None)
    published = reader.post_by_page("Only mine, published")
    return {
        "a held comment": lambda: reader.client.get(held.location),
        "a published one": lambda: reader.client.get(published.location),
        "an answer": lambda: reader.look(reply_to=number),
        "a refused one": lambda: reader.post_by_page("Only mine", email="nonsense"),
        "another origin": lambda: reader.form(HOSTED, reader.comment(), Origin="https://x.example"),
    }


def test_what_is_somebodys_is_not_kept_and_reaches_nobody_else(reader: Reader):
    ways = personal(reader)
    plain = shared(reader.look())
    assert "Only mine, held" not in plain
    for name, way in ways.items():
        with entries(reader.app) as entered:
            first, second = way(), way()
        assert len(entered) == 2, name
        assert shared(first) == shared(second) != plain, name
        assert shared(reader.look()) == plain, name


@pytest.mark.parametrize("referrer", [f"{ORIGIN}/a", f"{ORIGIN}/b", ""])
def test_what_only_a_header_says_is_not_kept(reader: Reader, referrer: str):
    for page in ("/a", "/b"):
        reader.posted(f"On page {page}", page=page)
    for other in (f"{ORIGIN}/b", f"{ORIGIN}/a", "", referrer):
        answer = reader.client.get(HOSTED, headers={"Referer": other})
        assert answer.status_code == (200 if other else 422)
        if other:
            assert f"On page {other.removeprefix(ORIGIN)}" in answer.text


def test_a_page_without_comments_is_prepared_too(reader: Reader):
    query = {"url": f"{ORIGIN}/never?p=1&utm_source=x", "lang": "de"}
    first = reader.client.get(HOSTED, query_string=query)
    with entries(reader.app) as entered:
        again = reader.client.get(f"{HOSTED}?url={quote(query['url'], safe='')}&lang=de")
    assert not entered
    assert shared(again) == shared(first)
    assert own(again) != own(first)
