"""The read layer: what is prepared is never out of date, and never meant for another question."""

import gzip
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from functools import partial
from pathlib import Path
from threading import Barrier, Thread
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask, Response, abort, request, request_started
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine, event, text
from werkzeug.test import TestResponse

from commentbox import CommentBox, clock, schema
from commentbox.actions.alias import add_alias
from commentbox.actions.close import set_open
from commentbox.actions.edit import delete, edit
from commentbox.actions.moderate import Ruling, decide
from commentbox.actions.sites import add_site, remove_site, set_policy
from commentbox.actions.vote import cast_vote
from commentbox.freshness import Rows
from commentbox.models import Entrance, State
from commentbox.reading.basis import Basis
from commentbox.web.front import GOOD_FOR, Front, good_until, rests_on
from commentbox.web.prepared import COMPRESSION_LEVEL, FAST_LEVEL, PACKED_WELL_AFTER_READS
from commentbox.web.shelf import Shelf
from tests.apps import app_of, close, site_of
from tests.processes import run_at_once
from tests.web.readers import ON_BOTH_DATABASES, ORIGIN, PAGE, Reader

FRAGMENT, JSON, FEED = "/embed/blog/thread", "/api/v1/sites/blog/thread", "/feeds/blog/thread.atom"
COUNTS, NEWEST = "/api/v1/sites/blog/counts", "/feeds/blog.atom"
PREPARED = (FRAGMENT, JSON, FEED, NEWEST, COUNTS)


def ask(
    reader: Reader, path: str, page: str = PAGE, method: str = "GET", **more: Any
) -> TestResponse:
    """Ask for something of a page's thread."""
    query = {"page": page, **more.pop("query", {})}
    return reader.client.open(path, method=method, query_string=query, **more)


@contextmanager
def entries(app: Flask) -> Iterator[list[str]]:
    """Collect the paths of the requests that Flask was entered for."""
    paths: list[str] = []

    def note(_app: Flask, **_: object) -> None:
        paths.append(request.path)

    with request_started.connected_to(note, app):
        yield paths


@pytest.fixture
def neighbour(reader: Reader, tmp_path: Path) -> Iterator[Reader]:
    """Return a reader of another process of the machine: the same store, connections of its own."""
    app = reader.app
    folder = app.config["COMMENTBOX_DATA_DIR"]
    other = app_of(str(app.config["COMMENTBOX_DATABASE_URL"]), folder)
    yield Reader(other, reader.site)
    close(other)


# What is prepared


@ON_BOTH_DATABASES
@pytest.mark.parametrize("path", PREPARED)
def test_what_was_asked_before_is_answered_without_flask(reader: Reader, path: str):
    reader.posted("Well said! " * 100)
    first = ask(reader, path)
    with entries(reader.app) as entered:
        again = ask(reader, path)
        packed = ask(reader, path, headers={"Accept-Encoding": "gzip"})
        head = ask(reader, path, method="HEAD")
        known = ask(reader, path, headers={"If-None-Match": first.headers["ETag"]})
    assert not entered
    assert (again.status_code, again.data) == (200, first.data)
    assert sorted(again.headers) == sorted(first.headers)
    if packed.headers.get("Content-Encoding"):
        assert gzip.decompress(packed.data) == first.data
    assert (head.data, head.headers["Content-Length"]) == (b"", first.headers["Content-Length"])
    assert (known.status_code, known.data) == (304, b"")
    for name in ("ETag", "Cache-Control", "Vary", "Access-Control-Allow-Origin"):
        assert known.headers[name] == first.headers[name]


@pytest.mark.parametrize(
    ("made", "until"), [("12:00", "12:10"), ("23:49", "23:59"), ("23:55", "00:00")]
)
def test_now_and_then_flask_is_asked_anew(made: str, until: str):
    day = datetime(2026, 3, 1, tzinfo=UTC)
    moment = datetime.combine(day, time.fromisoformat(made), UTC)
    end = datetime.combine(day, time.fromisoformat(until), UTC)
    assert good_until(moment) == (end if end > day else end + timedelta(days=1))


@pytest.mark.parametrize("known", ['W/"nothing"', '"a", W/"b"', "*", "", 'W/"', "\xff"])
def test_whatever_is_claimed_to_be_known_is_read_as_flask_reads_it(reader: Reader, known: str):
    reader.posted()
    by_flask = ask(reader, FRAGMENT, headers={"If-None-Match": known})
    with entries(reader.app) as entered:
        prepared = ask(reader, FRAGMENT, headers={"If-None-Match": known})
    assert not entered
    assert prepared.status_code == by_flask.status_code == (304 if known == "*" else 200)


@pytest.mark.parametrize(
    "accepted", ["", "identity", "gzip;q=0", "*;q=0", "br", "gzip;q=x", "a" * 300]
)
def test_who_reads_no_gzip_gets_none(reader: Reader, accepted: str):
    reader.posted("Well said! " * 100)
    ask(reader, FRAGMENT, headers={"Accept-Encoding": "gzip"})
    answer = ask(reader, FRAGMENT, headers={"Accept-Encoding": accepted})
    assert "Content-Encoding" not in answer.headers
    assert "Well said!" in answer.text
    assert answer.headers["Content-Length"] == str(len(answer.data))


def test_what_is_new_or_soon_made_again_is_compressed_in_less_time(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
):
    def level() -> int:
        asked = {
            "query": {"heading": "4"},
            "headers": {"Accept-Encoding": "gzip"},
        }  # by no other test
        data = ask(reader, FRAGMENT, **asked).data
        found = [
            n for n in range(1, 10) if gzip.compress(gzip.decompress(data), n, mtime=0) == data
        ]
        return found[0]

    reader.posted("Well said! " * 100)
    assert level() == FAST_LEVEL
    reader.posted("And once more.")
    assert level() == FAST_LEVEL
    later = clock.now() + GOOD_FOR
    monkeypatch.setattr(clock, "now", lambda: later)
    assert level() == COMPRESSION_LEVEL


def test_what_is_read_again_and_again_is_packed_well_after_all(reader: Reader):
    reader.posted("Well said! " * 100)
    asked = {"query": {"heading": "5"}, "headers": {"Accept-Encoding": "gzip"}}
    answers = [ask(reader, FRAGMENT, **asked) for _ in range(PACKED_WELL_AFTER_READS + 2)]
    sizes = [len(answer.data) for answer in answers]
    assert sizes[:PACKED_WELL_AFTER_READS] == sizes[:1] * PACKED_WELL_AFTER_READS
    assert sizes[-1] < sizes[0]
    assert {gzip.decompress(answer.data) for answer in answers} == {
        gzip.decompress(answers[0].data)
    }
    assert [int(answer.headers["Content-Length"]) for answer in answers] == sizes


def test_nothing_personal_is_kept(reader: Reader):
    for path in (
        f"/sites/blog/thread?page={PAGE}&posted=1",
        "/healthz",
        "/readyz",
        "/dashboard/sign-in",
    ):
        reader.client.get(path)
        with entries(reader.app) as entered:
            reader.client.get(path)
        assert entered, path


def test_problems_are_not_kept(reader: Reader):
    for path in ("/embed/none/thread", f"{FRAGMENT}?sort=nonsense", "/embed/blog"):
        first = reader.client.get(path)
        with entries(reader.app) as entered:
            assert reader.client.get(path).status_code == first.status_code != 200
        assert entered, path


def test_a_304_is_small(reader: Reader):
    reader.posted()
    first = ask(reader, FRAGMENT)
    known = ask(reader, FRAGMENT, headers={"If-None-Match": first.headers["ETag"]})
    written = "".join(f"{name}: {value}\r\n" for name, value in known.headers)
    served = (
        "HTTP/1.1 304 Not Modified\r\nserver: granian\r\ndate: Sun, 01 Mar 2026 12:00:00 GMT\r\n"
    )
    assert len(served + written + "\r\n") < 400


# Never out of date

CHANGES: dict[str, Callable[[int], object]] = {
    "edit": lambda number: edit(number, "Better said", clock.now()),
    "delete": lambda number: delete(number, clock.now()),
    "vote": lambda number: cast_vote(number, 1, "192.0.2.9", clock.now()),
    "moderation": lambda number: decide(number, State.SPAM, Ruling(Entrance.CLI)),
    "closing": lambda _: set_open("blog", PAGE, is_open=False),
    "policy": lambda _: set_policy("blog", {"require_name": "yes"}),
    "closing the site": lambda _: set_policy("blog", {"is_open": "no"}),
    "language": lambda _: set_policy("blog", {"language": "de"}),
}


@pytest.mark.long
@ON_BOTH_DATABASES
@pytest.mark.parametrize("change", CHANGES)
def test_every_change_is_in_the_very_next_answer(reader: Reader, neighbour: Reader, change: str):
    mine = reader.posted()
    before = [ask(each, FRAGMENT).text for each in (reader, neighbour) for _ in range(2)]
    assert len(set(before)) == 1
    with neighbour.app.app_context():
        CHANGES[change](mine.id)
    for each in (reader, neighbour):
        assert ask(each, FRAGMENT).text != before[0], each
    plain = Reader(neighbour.app, reader.site)
    assert ask(plain, FRAGMENT).text == ask(reader, FRAGMENT).text


@pytest.mark.long
@ON_BOTH_DATABASES
@pytest.mark.parametrize("path", PREPARED)
def test_every_new_comment_is_in_the_very_next_answer(reader: Reader, neighbour: Reader, path: str):
    reader.posted()
    seen = {ask(reader, path).text}
    for writer in (neighbour, reader, neighbour):
        writer.posted(f"From process {id(writer)}, after {len(seen)}")
        answers = {ask(each, path).text for each in (reader, neighbour)}
        assert len(answers) == 1
        assert not answers & seen
        seen |= answers


@pytest.mark.servers
def test_a_comment_of_another_process_is_in_the_very_next_answer(reader: Reader):
    reader.posted()
    assert ask(reader, JSON).json["count"] == ask(reader, JSON).json["count"] == 1
    url = str(reader.app.config["COMMENTBOX_DATABASE_URL"])
    run_at_once(1, POSTS_ONE, f"{reader.app.config['COMMENTBOX_DATA_DIR']} {url}")
    assert ask(reader, JSON).json["count"] == 2


POSTS_ONE = """
def deed(argument):
    from tests.factories import write
    from commentbox.models.site import site_with_key
    from commentbox.db import session
    folder, url = argument.split()
    app = commentbox.create_app({"COMMENTBOX_DATA_DIR": folder, "COMMENTBOX_DATABASE_URL": url})
    with app.app_context():
        write(site_with_key(session(), "blog"))
    return "done"
"""


@ON_BOTH_DATABASES
def test_a_page_that_moves_takes_its_answers_along(reader: Reader):
    reader.posted("On the old page", page="/old")
    assert [ask(reader, JSON, "/new").json["count"] for _ in range(2)] == [0, 0]
    with reader.app.app_context():
        add_alias("blog", "/old", "/new")
    assert ask(reader, JSON, "/new").json["count"] == 1
    reader.posted("By its new address", page="/new")
    assert ask(reader, JSON, "/new").json["count"] == ask(reader, JSON, "/old").json["count"] == 2


@ON_BOTH_DATABASES
def test_a_site_that_is_removed_is_gone_from_every_process(reader: Reader, neighbour: Reader):
    reader.posted()
    for each in (reader, neighbour):
        assert [ask(each, path).status_code for path in PREPARED] == [200] * len(PREPARED)
    with neighbour.app.app_context():
        remove_site("blog")
    for each in (reader, neighbour):
        assert [ask(each, path).status_code for path in PREPARED] == [404] * len(PREPARED)


@ON_BOTH_DATABASES
def test_an_origin_that_is_added_is_known_at_once(reader: Reader):
    elsewhere = {"query": {"page": "", "url": "https://new.example/a"}}
    assert [ask(reader, JSON, **elsewhere).status_code for _ in range(2)] == [403, 403]
    ask(reader, JSON)
    with reader.app.app_context():
        version = ask(reader, JSON).headers["ETag"]
        add_site("blog", ["https://new.example"])
    assert ask(reader, JSON, **elsewhere).status_code == 200
    assert ask(reader, JSON).headers["ETag"] != version


@pytest.mark.long
@ON_BOTH_DATABASES
@pytest.mark.parametrize("path", PREPARED)
def test_what_is_written_while_an_answer_is_made_is_in_the_next_one(
    reader: Reader, neighbour: Reader, path: str
):
    """Before each statement in turn: in whatever order things are read, nothing gets lost."""
    reader.posted()
    for number in range(20):
        neighbour.posted(f"Makes the answer old: {number}")
        news = f"Came in between: {number}"
        with interrupted(reader.app, number, partial(neighbour.posted, news)) as done:
            ask(reader, path)
        assert ask(reader, path).data == ask(neighbour, path).data
        if not done:
            return
    pytest.fail("It asks more than twenty questions.")


@contextmanager
def interrupted(app: Flask, number: int, deed: Callable[[], object]) -> Iterator[list[int]]:
    """Do something right before the app puts its n-th statement to the database."""
    engine: Engine = app.extensions["commentbox"].database.engine
    seen, done = [0], []

    def before(*_: object) -> None:
        seen[0] += 1
        if seen[0] == number + 1:
            done.append(number)
            deed()

    def ask(statement: str, parameters: Sequence[object]) -> Rows:
        before()
        return asked(statement, parameters)

    # What a thread asks by the connection that it has anyhow is no event of the engine's.
    watch = app.extensions["commentbox"].database.watch()
    asked, watch.ask = watch.ask, ask
    event.listen(engine, "before_cursor_execute", before)
    try:
        yield done
    finally:
        event.remove(engine, "before_cursor_execute", before)
        del watch.ask


# Never meant for another question


@pytest.mark.parametrize(
    "other",
    [
        {"headers": {"Host": "evil.example"}},
        {"headers": {"Host": "localhost:81"}},
        {"base_url": "https://localhost"},
        {"base_url": "http://localhost/mounted"},
        {"query": {"lang": "de"}},
        {"query": {"heading": "3"}},
        {"query": {"sort": "newest"}},
    ],
    ids=str,
)
def test_another_question_gets_another_answer(reader: Reader, other: dict[str, Any]):
    for number in range(3):
        reader.posted(f"Thought {number}")
    usual = ask(reader, FRAGMENT)
    for _ in range(2):
        assert ask(reader, FRAGMENT, **other).data != usual.data
        assert ask(reader, FRAGMENT).data == usual.data


@pytest.mark.long
@pytest.mark.parametrize(
    "name", ["X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix", "Forwarded"]
)
@pytest.mark.parametrize("proxies", [0, 1])
def test_what_a_header_claims_reaches_nobody_else(
    reader: Reader, elsewhere: Callable[..., Reader], name: str, proxies: int
):
    reader.posted()
    address = "https://comments.example.org" if proxies else "http://localhost"
    served = elsewhere(COMMENTBOX_TRUSTED_PROXIES=proxies, COMMENTBOX_PUBLIC_URL=address)
    claim = "http" if "Proto" in name else "evil.example"
    for headers in ({name: claim}, {}):
        shown = ask(served, FRAGMENT, headers=headers).text
        assert f'action="{address}/sites/blog/thread"' in shown
        assert "evil.example" not in shown


@pytest.mark.parametrize("path", [FRAGMENT, JSON])
@pytest.mark.parametrize("is_known", [True, False])
def test_what_tells_visitors_apart_does_not_tell_answers_apart(
    reader: Reader, path: str, is_known: bool
):
    page = f"{ORIGIN}/2026/a?p=1"
    if is_known:
        reader.posted("Hello", page="", url=page)
    plain = ask(reader, path, "", query={"url": page}).text
    for way in ("?utm_source=x&p=1&fbclid=", "?p=1&fbclid=", "?fbclid=7&p=1&gclid="):
        with entries(reader.app) as entered:
            clicked = [f"{ORIGIN}/2026/a{way}{number}" for number in range(3)]
            answers = {ask(reader, path, "", query={"url": url}).text for url in clicked}
        assert answers == {plain}
        assert entered == []


@pytest.mark.long
@pytest.mark.parametrize(
    "query",
    [
        f"url={quote(ORIGIN)}/a%3Fp%3D1%26q%3D2",
        f"url={quote(ORIGIN)}/a%3Fp%3D1&q=2",
        f"url={quote(ORIGIN)}/a%3Fp%3D2",
        f"url={quote(ORIGIN)}/a%3Fp%3D%2531",
        f"url={quote(ORIGIN)}/a%3Fp%3D%FF",
        f"url={quote(ORIGIN)}/a%3Fp%3D%FE",
        f"url={quote(ORIGIN)}/a%3Fp%3D1%23utm_x%3D1&page=/b",
        f"url={quote(ORIGIN)}/a%3Futm_p%3D1&url={quote(ORIGIN)}/b",
        f"url={quote(ORIGIN)}/a%3Fp%3D1%3Futm_x%3D1",
        f"URL={quote(ORIGIN)}/a%3Fp%3D1",
        f"page=/b&URL={quote(ORIGIN)}/a%3Fp%3D1",
    ],
)
def test_addresses_that_a_view_tells_apart_stay_apart(reader: Reader, query: str):
    known = f"url={quote(ORIGIN)}/a%3Fp%3D1"
    before = ask_raw(reader, known)
    fresh = app_of(
        str(reader.app.config["COMMENTBOX_DATABASE_URL"]), reader.app.config["COMMENTBOX_DATA_DIR"]
    )
    for each in (query, known):
        assert ask_raw(reader, each) == ask_raw(Reader(fresh, reader.site), each)
    assert ask_raw(reader, known) == before
    close(fresh)


def ask_raw(reader: Reader, query: str) -> str:
    """Ask for a thread by a query as it stands."""
    return reader.client.get(f"{JSON}?{query}").text


def test_an_id_that_is_given_again_brings_no_old_answer(reader: Reader):
    reader.posted("Before")
    old = ask(reader, FRAGMENT)
    ask(reader, FRAGMENT)
    with reader.app.extensions["commentbox"].database.engine.begin() as connection:
        for table in ("comment", "thread", "site_origin", "site"):
            connection.execute(text(f"DELETE FROM commentbox_{table}"))
    again = Reader(reader.app, site_of(reader.app))
    again.posted("After")
    new = ask(again, FRAGMENT, headers={"If-None-Match": old.headers["ETag"]})
    assert new.status_code == 200
    assert "After" in new.text
    assert "Before" not in new.text


# Under pressure


def test_a_crowd_that_comes_at_once_has_the_answer_made_once(reader: Reader):
    for number in range(30):
        reader.posted(f"Thought {number}")
    ask(reader, FRAGMENT)
    reader.posted("News")
    barrier, answers = Barrier(8), []

    def come() -> None:
        client = reader.client
        barrier.wait()
        answers.append(client.get(FRAGMENT, query_string={"page": PAGE}).text)

    with entries(reader.app) as entered:
        crowd = [Thread(target=come) for _ in range(8)]
        for one in crowd:
            one.start()
        for one in crowd:
            one.join()
    assert len(entered) == 1
    assert len(set(answers)) == 1
    assert "News" in answers[0]


def test_questions_of_any_length_are_answered(reader: Reader):
    reader.posted()
    for length in (100, 5000, 50_000):
        assert ask(reader, FRAGMENT, query={"x": "a" * length}).status_code == 200


def test_it_works_on_after_its_connections_were_given_back(reader: Reader):
    reader.posted()
    ask(reader, FRAGMENT)
    reader.app.extensions["commentbox"].database.engine.dispose()
    assert "Well said!" in ask(reader, FRAGMENT).text


# In a host app


@pytest.fixture
def intranet(sqlite_url: str, tmp_path: Path) -> Iterator[Flask]:
    """Return a host app that lets in only who shows a pass, and counts its answers."""
    app = Flask("intranet")
    app.config.update(COMMENTBOX_DATA_DIR=tmp_path, COMMENTBOX_DATABASE_URL=sqlite_url)
    CommentBox(app, url_prefix="/comments")

    @app.before_request
    def guard() -> None:
        if request.headers.get("X-Pass") != "staff":
            abort(403)

    @app.after_request
    def stamp(answer: Response) -> Response:
        answer.set_cookie("seen", request.headers["X-Pass"] if answer.status_code < 400 else "")
        return answer

    site_of(app)
    yield app
    close(app)


def test_a_hosts_own_guard_is_asked_for_every_answer(intranet: Flask):
    path = "/comments/embed/blog/thread?page=/a"
    staff = intranet.test_client()
    first = staff.get(path, headers={"X-Pass": "staff"})
    # From now on a view would fail: what is answered is what was kept.
    intranet.view_functions["commentbox.thread_fragment"] = abort
    second = staff.get(path, headers={"X-Pass": "staff"})
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.data == second.data
    for answer in (first, second):
        assert answer.headers.getlist("Set-Cookie") == ["seen=staff; Path=/"]
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert intranet.test_client().get(path).status_code == 403
    known = staff.get(path, headers={"X-Pass": "staff", "If-None-Match": first.headers["ETag"]})
    assert (known.status_code, known.data) == (304, b"")
    head = staff.head(path, headers={"X-Pass": "staff"})
    assert head.headers["Content-Length"] == str(len(first.data))


@pytest.mark.parametrize(
    ("headers", "basis", "is_kept"),
    [
        ({}, Basis(), True),
        ({"Set-Cookie": "seen=staff"}, Basis(), False),
        ({}, Basis(is_firm=False), False),
    ],
    ids=["good for all", "for one alone", "of rows that changed meanwhile"],
)
def test_an_answer_is_kept_where_it_is_good_for_all(
    reader: Reader, headers: dict[str, str], basis: Basis, is_kept: bool
):
    shelf = Shelf()
    front = Front(reader.app.extensions["commentbox"].database, shelf)
    with reader.app.test_request_context(FRAGMENT):
        front.begin()
        rests_on(basis)
        front.finish(Response("A thread", headers={"ETag": '"1"', **headers}))
    assert bool(shelf.size_bytes) is is_kept


def test_a_host_whose_database_is_in_memory_is_served_without_keeping(tmp_path: Path):
    app = Flask("fleeting")
    app.config.update(COMMENTBOX_DATA_DIR=tmp_path, SQLALCHEMY_DATABASE_URI="sqlite://")
    db = SQLAlchemy(app)
    CommentBox(app)
    with app.app_context():
        schema.upgrade(db.engine)
    reader = Reader(app, site_of(app))
    reader.posted()
    for _ in range(2):
        answer = ask(reader, FRAGMENT, headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200
        assert (
            ask(reader, FRAGMENT, headers={"If-None-Match": answer.headers["ETag"]}).status_code
            == 304
        )
    reader.posted("Another")
    assert "Another" in ask(reader, FRAGMENT).text
    close(app)
