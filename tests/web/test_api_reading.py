"""Reading: whose page is meant, what is answered, and when it is answered again."""

import gzip
import hashlib
import re
from collections.abc import Callable
from itertools import product

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from commentbox import clock
from commentbox.actions.edit import delete, edit
from commentbox.actions.moderate import Ruling, decide
from commentbox.actions.sites import add_site, set_policy
from commentbox.actions.vote import cast_vote
from commentbox.db import atomic
from commentbox.models import Entrance, State, Thread, ThreadAlias
from tests.web.readers import ON_BOTH_DATABASES, ORIGIN, PAGE, Reader, codes

ADDRESSES = ("/api/v1/sites/blog/thread", "/embed/blog/thread", "/feeds/blog/thread.atom")
CACHED = (*ADDRESSES, "/feeds/blog.atom")


def get(reader: Reader, path: str, **headers: str) -> TestResponse:
    """Ask for something of the thread."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return reader.client.get(path, query_string={"page": PAGE}, headers=named)


# What is answered again


@pytest.mark.parametrize("path", CACHED)
def test_what_has_not_changed_is_not_sent_again(shared_reader: Reader, path: str):
    shared_reader.posted(f"For {path}")
    first = get(shared_reader, path)
    assert first.status_code == 200
    again = get(shared_reader, path, If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert "max-age=0" in first.headers["Cache-Control"]
    assert first.headers["Access-Control-Allow-Origin"] == "*"


CHANGES: dict[str, Callable[[int], object]] = {
    "edit": lambda number: edit(number, "Better said", clock.now()),
    "delete": lambda number: delete(number, clock.now()),
    "vote": lambda number: cast_vote(number, 1, "192.0.2.9", clock.now()),
    "moderation": lambda number: decide(number, State.SPAM, Ruling(Entrance.CLI)),
    "policy": lambda number: set_policy("blog", {"max_depth": "2"}),
}


@ON_BOTH_DATABASES
@pytest.mark.parametrize("change", CHANGES)
def test_every_change_is_sent(reader: Reader, change: str):
    mine = reader.posted()
    reader.posted("A reply", parent=mine.id)
    before = {path: get(reader, path) for path in CACHED}
    with reader.app.app_context():
        CHANGES[change](mine.id)
    for path, old in before.items():
        answer = get(reader, path, If_None_Match=old.headers["ETag"])
        assert answer.status_code == 200, path
        assert answer.headers["ETag"] != old.headers["ETag"]


def test_a_new_comment_is_sent(reader: Reader):
    empty = get(reader, ADDRESSES[0])
    assert empty.json["comments"] == []
    reader.posted()
    first = get(reader, ADDRESSES[0], If_None_Match=empty.headers["ETag"])
    assert first.json["count"] == 1
    reader.posted("Another")
    assert get(reader, ADDRESSES[0], If_None_Match=first.headers["ETag"]).json["count"] == 2


def test_a_held_comment_changes_nothing_for_others(reader: Reader):
    reader.posted()
    before = get(reader, ADDRESSES[0])
    reader.posted("Waiting", ticket=None)
    assert get(reader, ADDRESSES[0], If_None_Match=before.headers["ETag"]).status_code == 304


@pytest.mark.parametrize("path", CACHED)
def test_every_reader_gets_the_same_bytes(shared_reader: Reader, path: str):
    shared_reader.posted(f"Same bytes of {path}")
    other = Reader(shared_reader.app, shared_reader.site)
    plain = get(shared_reader, path)
    visitor = get(other, path, Cookie="session=1", User_Agent="Other", Accept_Language="de")
    assert plain.data == visitor.data
    assert plain.headers["ETag"] == visitor.headers["ETag"]


def test_compressed_or_not_it_is_the_same(reader: Reader):
    reader.posted("Well said! " * 100)
    plain = get(reader, ADDRESSES[1])
    packed = get(reader, ADDRESSES[1], Accept_Encoding="gzip, br")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 2
    assert packed.headers["ETag"] == plain.headers["ETag"]
    for answer in (plain, packed):
        assert "Accept-Encoding" in answer.headers["Vary"]
    unwanted = get(reader, ADDRESSES[1], Accept_Encoding="gzip;q=0")
    assert "Content-Encoding" not in unwanted.headers


@pytest.mark.parametrize("path", CACHED)
def test_a_head_is_the_answer_without_its_body(shared_reader: Reader, path: str):
    shared_reader.posted(f"Head of {path}")
    full = get(shared_reader, path)
    head = shared_reader.client.head(path, query_string={"page": PAGE})
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["ETag"] == full.headers["ETag"]
    assert head.headers["Content-Length"] == str(len(full.data))


def test_writes_are_kept_by_nobody(reader: Reader):
    mine = reader.post()
    ticket = reader.send("/api/v1/sites/blog/tickets", {})
    for answer in (mine, ticket, reader.to_comment(mine.json["comment"]["id"], "vote", value=1)):
        assert answer.headers["Cache-Control"] == "no-store"


def test_browsers_may_ask_before_they_write(reader: Reader):
    for path, method in (
        ("/api/v1/sites/blog/comments", "POST"),
        ("/api/v1/comments/7", "PATCH"),
        ("/api/v1/comments/7", "DELETE"),
    ):
        answer = reader.client.options(path, headers={"Access-Control-Request-Method": method})
        assert answer.status_code == 200
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert method in answer.headers["Access-Control-Allow-Methods"]
        assert "Content-Type" in answer.headers["Access-Control-Allow-Headers"]
        assert "Idempotency-Key" in answer.headers["Access-Control-Allow-Headers"]


# Whose page is meant

SAME_PAGE = [
    {"page": "/2026/a"},
    {"page": "/2026/a/"},
    {"page": " /2026/a "},
    {"page": "/2026/a/index.html"},
    {"page": "/2026/a/?utm_source=mail&fbclid=x#comments"},
    {"page": f"{ORIGIN}/2026/a"},
    {"page": "https://elsewhere.example/2026/a"},
    {"url": f"{ORIGIN}/2026/a"},
    {"url": f"{ORIGIN}:443/2026/a/"},
    {"url": f"{ORIGIN}/2026/a/index.php#comment-7"},
    {"url": f"{ORIGIN}/2026/a?replytocom=7&gclid=y&UTM_Medium=z"},
    {"url": f"{ORIGIN}/%32026/%61"},
    {"page": "/2026/a", "url": f"{ORIGIN}/print?id=7"},
    {"page": "/2026/a", "url": "https://evil.example/"},
    {"page": "/moved"},
    {"url": f"{ORIGIN}/moved/?utm_source=old"},
]

OTHER_PAGES = {
    "/2026/A": {"page": "/2026/A"},
    "/2026/a?id=7": {"page": "/2026/a?id=7"},
    "/2026/a?p=1&q=2": {"url": f"{ORIGIN}/2026/a/?p=1&utm_source=x&q=2"},
    "/": {"url": f"{ORIGIN}/index.html"},
    "/caf%C3%A9": {"page": "/café"},
    "post-42": {"page": "post-42"},
    "Post 42/": {"page": "Post 42/"},
    "/a%00b": {"page": "/a%00b"},
}


@pytest.fixture
def moved(reader: Reader) -> Reader:
    """Return a reader of a site where ``/moved`` now is ``/2026/a``, with one comment."""
    reader.posted("The only one", page="/2026/a")
    with reader.app.app_context(), atomic() as session:
        thread = session.scalars(select(Thread)).one()
        session.add(ThreadAlias(site_id=thread.site_id, key="/moved", thread_id=thread.id))
    return reader


def test_one_page_has_many_names(moved: Reader):
    for named in SAME_PAGE:
        answer = moved.client.get(ADDRESSES[0], query_string=named)
        assert answer.status_code == 200, named
        assert (answer.json["page"], answer.json["count"]) == ("/2026/a", 1), named


@ON_BOTH_DATABASES
def test_a_comment_to_any_name_reaches_the_one_thread(moved: Reader):
    for number, named in enumerate(SAME_PAGE):
        assert moved.post(f"Number {number}", **{"page": None, **named}).status_code == 201, named
    assert moved.stored()["Thread"] == 1
    assert moved.read(page="/2026/a")["count"] == 1 + len(SAME_PAGE)


def test_other_pages_have_threads_of_their_own(moved: Reader):
    for key, named in OTHER_PAGES.items():
        answer = moved.client.get(ADDRESSES[0], query_string=named)
        assert (answer.json["page"], answer.json["count"]) == (key, 0)


def test_two_sites_have_threads_of_their_own(reader: Reader):
    reader.posted()
    with reader.app.app_context():
        add_site("other", [ORIGIN])
    other = reader.client.get("/api/v1/sites/other/thread", query_string={"page": PAGE})
    assert other.json["comments"] == []


@pytest.mark.parametrize("path", ADDRESSES)
@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ({"url": "https://evil.example/a"}, (403, "origin_refused")),
        ({"url": "http://blog.example/a"}, (403, "origin_refused")),
        ({"url": "https://blog.example@evil.example/a"}, (403, "origin_refused")),
        ({"url": "nonsense"}, (403, "origin_refused")),
        ({"url": "javascript:alert(1)"}, (403, "origin_refused")),
        ({}, (422, "invalid_fields")),
        ({"page": "undefined"}, (422, "invalid_fields")),
        ({"page": "null", "url": f"{ORIGIN}/a"}, (422, "invalid_fields")),
        ({"page": "a\0b"}, (422, "invalid_fields")),
        ({"page": "a" * 513}, (422, "invalid_fields")),
        ({"url": f"{ORIGIN}/{'a' * 2000}"}, (422, "invalid_fields")),
    ],
)
def test_what_is_no_page_of_the_site_is_refused(
    shared_reader: Reader, path: str, named: dict[str, str], expected: tuple[int, str]
):
    answer = shared_reader.client.get(path, query_string=named)
    assert (answer.status_code, codes(answer)[0]) == expected


def test_a_page_with_an_id_may_have_a_long_address(reader: Reader):
    long = f"{ORIGIN}/2026/a?token={'x' * 900}"
    assert reader.post(page="/2026/a", url=long).status_code == 201


def test_the_address_of_another_page_is_not_kept(reader: Reader):
    kept = {
        "/a": f"{ORIGIN}/a/?utm_source=x",
        "/b": f"{ORIGIN}/elsewhere",
        "/c": "https://evil.example/c",
        "post-42": f"{ORIGIN}/2026/post",
    }
    stored = {}
    for page, url in kept.items():
        comment = reader.posted(f"On {page}", page=page, url=url)
        stored[page] = reader.thread_of(comment.id).url
    assert stored == kept | {"/a": f"{ORIGIN}/a/", "/b": None, "/c": None}


# A thread in pages


@ON_BOTH_DATABASES
def test_a_long_thread_comes_in_pages_of_whole_conversations(reader: Reader):
    with reader.app.app_context():
        set_policy("blog", {"page_size": "3"})
    roots = [reader.posted(f"Root {n}").id for n in range(5)]
    replies = [reader.posted(f"Reply {n}", parent=roots[0]).id for n in range(4)]
    first = reader.read()
    assert [comment["id"] for comment in first["comments"]] == roots[:1]
    assert [reply["id"] for reply in first["comments"][0]["replies"]] == replies
    assert (first["count"], first["previous"]) == (9, None)
    second = reader.read(after=first["next"])
    assert [comment["id"] for comment in second["comments"]] == roots[1:4]
    third = reader.read(after=second["next"])
    assert [comment["id"] for comment in third["comments"]] == roots[4:]
    assert third["next"] is None
    assert reader.read(before=third["previous"])["comments"] == second["comments"]


@ON_BOTH_DATABASES
def test_a_deep_link_arrives_wherever_the_comment_is(reader: Reader):
    with reader.app.app_context():
        set_policy("blog", {"page_size": "2"})
    roots = [reader.posted(f"Root {n}").id for n in range(6)]
    reply = reader.posted("A reply", parent=roots[4]).id
    found = reader.read(comment=reply)["comments"]
    assert reply in [each["id"] for root in found for each in root["replies"]]


NOWHERE = ["nonsense", "0.", ".5", "-.-", "9" * 50, "1.99999999999999999999", "٣.٣", "-9.9"]


@ON_BOTH_DATABASES
def test_cursors_of_nowhere_show_some_page(reader: Reader):
    reader.posted()
    for name, cursor, sort in product(("after", "before"), NOWHERE, ("oldest", "newest", "top")):
        assert reader.read(**{name: cursor, "sort": sort})["comments"], (name, cursor, sort)


@pytest.mark.parametrize(
    ("name", "value", "wrong"),
    [
        ("sort", "random", "sort:invalid"),
        ("after", "a" * 81, "after:too_long"),
        ("before", "a\0", "before:invalid_characters"),
        ("comment", "a" * 2001, "comment:too_long"),
    ],
)
def test_a_wrong_parameter_is_named(shared_reader: Reader, name: str, value: str, wrong: str):
    answer = shared_reader.client.get(ADDRESSES[0], query_string={"page": PAGE, name: value})
    assert codes(answer) == ("invalid_fields", wrong)


@pytest.mark.parametrize(
    "asked", [str(2**63 - 1), "-1", "0", "77", "9" * 30, "comment-", "isso-1", "'"]
)
def test_a_comment_that_is_not_there_shows_the_first_page(shared_reader: Reader, asked: str):
    shared_reader.read(comment=asked)


@ON_BOTH_DATABASES
@pytest.mark.parametrize("site", ["none", "BLOG", "a" * 500, "%00", "%ff", "blog%0a"])
def test_an_unknown_site_is_told_so(reader: Reader, site: str):
    for path in ("/api/v1/sites/{}/thread", "/api/v1/sites/{}/counts", "/embed/{}/thread"):
        answer = reader.client.get(f"{path.format(site)}?page=/a")
        assert (answer.status_code, codes(answer)) == (404, ("unknown_site",))


# Counts


def counts(reader: Reader, *pages: str) -> TestResponse:
    """Ask how many comments pages have."""
    return reader.client.get("/api/v1/sites/blog/counts", query_string={"page": list(pages)})


@ON_BOTH_DATABASES
def test_counts_come_as_asked_for(moved: Reader):
    moved.posted("On another page", page="post-42")
    moved.posted("Waiting", page="post-43", ticket=None)
    pages = ["/2026/a", "/2026/a/", f"{ORIGIN}/2026/a?utm_source=x", "/moved", "post-42", "post-43"]
    found = counts(moved, *pages, "/none").json["counts"]
    assert found == dict(zip([*pages, "/none"], [1, 1, 1, 1, 1, 0, 0], strict=True))


def test_counts_of_nothing_are_empty(shared_reader: Reader):
    assert counts(shared_reader).json == {"counts": {}}


def test_a_hundred_pages_may_be_counted_and_not_one_more(shared_reader: Reader):
    pages = [f"/{number}" for number in range(101)]
    assert len(counts(shared_reader, *pages[:100]).json["counts"]) == 100
    assert codes(counts(shared_reader, *pages)) == ("invalid_fields", "page:too_many")


@pytest.mark.parametrize("page", ["", "undefined", "a\0", "a" * 513])
def test_what_is_no_page_has_no_comments_and_spoils_no_others_count(moved: Reader, page: str):
    assert counts(moved, "/2026/a", page).json["counts"] == {"/2026/a": 1, page: 0}


def test_a_problem_is_kept_by_no_cache(shared_reader: Reader):
    for path in ("/api/v1/sites/nowhere/thread?page=/a", "/nowhere"):
        answer = shared_reader.client.get(path)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")


# What nobody is told


def test_a_mail_address_never_leaves(reader: Reader):
    address = "Ada.Lovelace@example.org"
    mine = reader.post("Well said!", name="Ada", email=address)
    reader.to_comment(mine.json["comment"]["id"], "vote", value=1)
    everything = [mine.text]
    for path in (*CACHED, "/sites/blog/thread", "/api/v1/sites/blog/counts"):
        everything.append(get(reader, path).text)
    for form in secret_forms(address):
        assert not re.search(re.escape(form), "\n".join(everything), re.IGNORECASE)


def secret_forms(address: str) -> list[str]:
    """Return an address in the forms in which other engines gave it away."""
    spellings = [address, address.lower()]
    hashes = [
        algorithm(spelling.encode()).hexdigest()
        for spelling in spellings
        for algorithm in (hashlib.md5, hashlib.sha1, hashlib.sha256)
    ]
    return ["lovelace", *spellings, *hashes]


def test_of_a_placeholder_nothing_is_told_but_that_it_was_there(reader: Reader):
    mine = reader.posted("Secret words", name="Ada Lovelace", website="https://ada.example")
    reader.posted("A reply", parent=mine.id)
    with reader.app.app_context():
        decide(mine.id, State.HELD, Ruling(Entrance.CLI))
    for path in (*CACHED, "/sites/blog/thread"):
        answer = get(reader, path).text
        for secret in ("Secret words", "Lovelace", "ada.example", "held"):
            assert secret not in answer.replace('data-held="', ""), (path, secret)
