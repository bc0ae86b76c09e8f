"""The importer writes each comment once and keeps every law, whatever order a file has."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from commentbox.actions.sites import add_site
from commentbox.db import atomic, session
from commentbox.errors import Phrase
from commentbox.models import Comment, Event, Site, Thread
from commentbox.models.thread import thread_with_key
from commentbox.reading.pages import Place
from commentbox.reading.queue import Place as QueuePlace
from commentbox.reading.queue import view_queue
from commentbox.reading.recent import recent_of_site, recent_of_thread
from commentbox.reading.selection import Selection, Tab
from commentbox.reading.threads import view_thread
from commentbox.transfer import importer
from commentbox.transfer.importer import Plan, import_found
from commentbox.transfer.record import Found, Page, Record, Skipped
from commentbox.transfer.report import Report
from commentbox.transfer.retraction import Retracted, retract
from commentbox.transfer.rules import parse_rules
from commentbox.transfer.source import Unreadable
from tests.factories import ORIGIN, ada, write, write_held
from tests.quick import examples
from tests.transfer.laws import require_laws

pytestmark = pytest.mark.usefixtures("_in_the_app")

NOON = datetime(2020, 1, 1, 12, tzinfo=UTC)
PAGE = Page(url="https://old.example/a/", title="A page")


def record(id: str, parent: str = "", **values: object) -> Record:
    """Return a record; those with larger ids are later."""
    at = NOON + timedelta(minutes=int(id))
    facts = {"page": PAGE, "text": f"Comment {id}", "created_at": at} | values
    return Record(id=id, parent=parent, **facts)  # type: ignore[arg-type]


def bring(*found: Found, **plan: object) -> Report:
    """Import into the site “blog”."""
    return import_found(found, Plan("blog", format="isso", **plan))  # type: ignore[arg-type]


def comments() -> dict[str | None, Comment]:
    """Return what is there, by foreign id."""
    session().expire_all()
    return {comment.foreign_id: comment for comment in session().scalars(select(Comment))}


def parents() -> dict[str | None, str | None]:
    """Return whom each comment answers, by foreign ids."""
    there = comments()
    by_number = {comment.id: foreign_id for foreign_id, comment in there.items()}
    return {key: by_number.get(comment.parent_id or 0) for key, comment in there.items()}


def test_comments_come_with_all_that_is_known_of_them(site: Site) -> None:
    report = bring(
        record("1", name="Ada", email="ada@example.org", website="https://ada.example", score=3,
               anchor="isso-1", text="*Well*", edited_at=NOON + timedelta(hours=1)),
        record("2", "1", text="<b>said</b><script>x</script>", text_format="html"),
        record("3", state="held"), record("4", state="spam"),
    )  # fmt: skip
    assert (report.read, report.new, report.known, report.pages_created) == (4, 4, 0, 1)
    assert report.states == {"published": 2, "held": 1, "spam": 1}
    require_laws(site)
    first, reply, held, spam = (comments()[key] for key in "1234")
    assert (first.name, first.email, first.website) == (
        "Ada", "ada@example.org", "https://ada.example")  # fmt: skip
    assert (first.score, first.anchor, first.html) == (3, "isso-1", "<p><em>Well</em></p>")
    assert (first.created_at, first.edited_at) == (
        NOON + timedelta(minutes=1), NOON + timedelta(hours=1))  # fmt: skip
    assert (reply.parent_id, reply.html) == (first.id, "<strong>said</strong>")
    assert (reply.text, reply.text_format) == ("<b>said</b><script>x</script>", "html")
    assert (held.state, spam.state) == ("held", "spam")
    thread = session().scalars(select(Thread)).one()
    assert (thread.key, thread.title, thread.count) == ("/a", "A page", 2)
    assert thread.url == f"{ORIGIN}/a"  # the old host is not the blog's any more
    assert thread.created_at == NOON + timedelta(minutes=1)


def test_nobody_is_told(site: Site) -> None:
    bring(record("1"), record("2", state="held"))
    assert session().scalar(select(func.count()).select_from(Event)) == 0


def test_a_second_run_changes_nothing_and_says_so(site: Site) -> None:
    found = [record("1"), record("2", "1"), record("3", "2")]
    bring(*found)
    before = {c.id: (c.text, c.parent_id) for c in comments().values()}
    version = session().scalars(select(Thread)).one().version
    report = bring(*found)
    assert (report.read, report.new, report.known, report.pages_created) == (3, 0, 3, 0)
    assert {c.id: (c.text, c.parent_id) for c in comments().values()} == before
    assert session().scalars(select(Thread)).one().version == version


def test_a_stopped_run_goes_on_where_it_was(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("commentbox.transfer.writer.BATCH", 2)
    found = [record(str(n), str(n - 1) if n % 3 else "") for n in range(1, 10)]

    def stop(step: str, done: int, _total: int) -> None:
        if step == "write" and done >= 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_found(found, Plan("blog", format="isso"), progress=stop)
    assert len(comments()) == 4
    report = bring(*found)
    assert (report.new, report.known, report.orphans) == (5, 4, {})
    require_laws(site)


def test_a_dry_run_reports_the_same_and_writes_nothing(site: Site) -> None:
    write(site, page="/b")
    found = [
        record("2", "1"), record("1"), record("3", "gone"), record("3"), record("4", "5"),
        record("5", "4"), record("6", state="removed", text=""), record("7", page=Page()),
        record("8", page=Page(key="/b/")), Skipped(reason="pingback", id="9", place="line 9"),
    ]  # fmt: skip
    dry = bring(*found, is_dry_run=True)
    assert len(comments()) == 1
    wet = bring(*found)
    assert replace(dry, is_dry_run=False) == wet
    assert wet.skipped == {"duplicate": 1, "deleted": 1, "no_page": 1, "pingback": 1}
    assert wet.orphans == {"missing": 1, "cycle": 1}
    assert (wet.read, wet.new, wet.pages_created) == (10, 6, 1)


def test_parents_may_come_later_be_missing_or_go_in_circles(site: Site) -> None:
    report = bring(
        record("9", "8"), record("8"), record("1", "404"), record("2", "4"), record("3", "2"),
        record("4", "3"), record("5", "5"), record("6", "1", page=Page(url="https://old.example/b")),
    )  # fmt: skip
    assert parents() == {
        "9": "8", "8": None, "1": None, "2": None, "3": "2", "4": "3", "5": None, "6": None,
    }  # fmt: skip
    listed = {(each.id, each.why) for each in report.listed}
    assert listed == {("1", "missing"), ("2", "cycle"), ("5", "cycle"), ("6", "other_page")}
    require_laws(site)


def test_replies_that_are_older_than_what_they_answer_still_hang_on_it(site: Site) -> None:
    bring(record("1", "2"), record("2", "3"), record("3"))
    assert parents() == {"1": "2", "2": "3", "3": None}
    require_laws(site)


def test_a_second_file_finds_the_parents_of_the_first(site: Site) -> None:
    bring(record("1"), record("2", "1"))
    report = bring(record("3", "2"), record("4", "3"), record("5", "1", state="held"))
    assert report.orphans == {}
    assert parents()["3"] == "2"
    assert session().scalars(select(Thread)).one().count == 4
    require_laws(site)


def test_what_was_deleted_stays_as_a_placeholder_where_somebody_answered(site: Site) -> None:
    gone = {"state": "removed", "text": ""}
    report = bring(
        record("1", **gone), record("2", "1", **gone), record("3", "2"), record("4", "3", **gone),
        record("5", **gone),
    )  # fmt: skip
    assert report.skipped == {"deleted": 2}
    assert comments().keys() == {"1", "2", "3"}
    assert comments()["1"].is_erased
    require_laws(site)


def test_what_was_read_before_a_fault_is_kept_and_the_next_run_brings_the_rest(site: Site) -> None:
    def broken() -> Iterator[Found]:
        yield record("1")
        yield record("2", "3")
        yield record("4", "2")
        problem, remedy = Phrase("it ends too early"), Phrase("Export it again.")
        raise Unreadable("a.xml", "line 9", problem, remedy)

    report = bring(*[], is_dry_run=True)
    assert report.fault is None
    report = import_found(broken(), Plan("blog", format="isso"))
    assert str(report.fault) == "a.xml, line 9: it ends too early. Export it again."
    assert report.skipped == {"waiting": 2}
    assert comments().keys() == {"1"}
    bring(record("1"), record("2", "3"), record("4", "2"), record("3"))
    assert parents() == {"1": None, "2": "3", "3": None, "4": "2"}
    require_laws(site)


def test_another_blog_with_the_same_ids_needs_a_source_of_its_own(site: Site) -> None:
    bring(record("1"), record("2"))
    theirs = record("1", created_at=NOON, text="Elsewhere")
    report = bring(theirs)
    assert (report.new, report.known, report.skipped) == (0, 0, {"other_source": 1})
    assert bring(theirs, source="isso-2").new == 1
    assert len(session().scalars(select(Comment)).all()) == 3


def test_pages_are_found_by_old_ids_and_moved_by_rules(site: Site) -> None:
    page = Page(url="https://old.example/2014/a/?p=7&utm_source=x", aliases=("post-7", "null", " "))
    rules = parse_rules("# moved\n\n/2014/ -> /posts/\n", "rules.txt")
    bring(record("1", page=page), rules=rules)
    thread = thread_with_key(session(), site, "post-7")
    assert thread is not None
    assert thread.key == "/posts/a?p=7"


def test_an_alias_never_takes_another_pages_comments(site: Site) -> None:
    theirs = write(site, page="/b")
    bring(record("1", page=Page(key="/a", aliases=("/b",))))
    thread = thread_with_key(session(), site, "/b")
    assert thread is not None
    assert thread.id == theirs.thread_id


def test_a_page_that_is_there_keeps_its_title_and_takes_more(site: Site) -> None:
    mine = write(site, page="/a", title="Mine")
    report = bring(record("1", page=replace(PAGE, is_open=False)))
    assert report.pages_created == 0
    thread = session().scalars(select(Thread)).one()
    assert (thread.title, thread.count, thread.is_open) == ("Mine", 2, True)
    assert thread.id == mine.thread_id


def test_old_comments_stand_before_those_that_were_there_already(site: Site) -> None:
    mine = write(site, page="/a")
    bring(record("1"), record("2", "1"), record("3"))
    thread = session().get_one(Thread, mine.thread_id)
    old = comments()
    for sort, order in (
        ("oldest", [old["1"], old["3"], mine]),
        ("newest", [mine, old["3"], old["1"]]),
    ):
        view = view_thread(session(), site, thread, "/a", Place(sort))
        assert [comment.id for comment in view.comments] == [comment.id for comment in order]


def test_a_reply_finds_what_it_answers_in_a_later_file(site: Site) -> None:
    first = bring(record("3", "2"), record("4", "3"), record("6", "5"))
    assert first.orphans == {"missing": 2}
    found = [record("1"), record("2", "1"), record("5", "4")]
    dry = bring(*found, is_dry_run=True)
    wet = bring(*found)
    assert (dry.reattached, wet.reattached, wet.orphans) == (2, 2, {})
    assert parents() == {"1": None, "2": "1", "3": "2", "4": "3", "5": "4", "6": "5"}
    assert [comments()[key].depth for key in "123456"] == [0, 1, 2, 3, 4, 5]
    require_laws(site)
    assert bring(*found, record("3", "2"), record("6", "5")).reattached == 0


def test_what_waits_for_its_own_reply_or_for_another_page_stays_where_it_is(site: Site) -> None:
    bring(record("1", "2"), record("3", "4"))
    report = bring(record("2", "1"), record("4", page=Page(key="/b")))
    assert report.reattached == 0
    assert parents() == {"1": None, "2": "1", "3": None, "4": None}
    require_laws(site)


def test_of_two_imports_at_once_each_comment_is_written_by_one(site: Site) -> None:
    found = [record(str(n), str(n - 1) if n % 3 else "") for n in range(1, 10)]
    reports: list[Report] = []

    def faster(step: str, done: int, total: int) -> None:
        if step == "write" and not reports:
            reports.append(bring(*found))

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("commentbox.transfer.writer.BATCH", 2)
        slower = import_found(found, Plan("blog", format="isso"), progress=faster)
    (other,) = reports
    assert (other.new, other.known) == (7, 2)
    assert (slower.new, slower.known) == (2, 7)
    assert len(comments()) == 9
    require_laws(site)


def test_old_comments_are_no_news(site: Site) -> None:
    mine, held = write(site, page="/a"), write_held(site, page="/b")
    bring(record("1"), record("2", state="held"))
    old = comments()
    assert [c.id for c, _ in recent_of_site(session(), site)] == [mine.id, old["1"].id]
    thread = session().get_one(Thread, mine.thread_id)
    assert [c.id for c, _ in recent_of_thread(session(), thread)] == [mine.id, old["1"].id]
    moderator = ada()

    def listed(tab: Tab) -> list[int]:
        view = view_queue(session(), moderator, QueuePlace(Selection(tab)))
        return [entry.id for entry in view.entries]

    assert listed(Tab.PUBLISHED) == [mine.id, old["1"].id]
    assert listed(Tab.ALL)[:2] == sorted([mine.id, held.id], reverse=True)
    # In the queue who came first waits longest, whatever an import brought since.
    assert listed(Tab.HELD) == [held.id, old["2"].id]


def test_an_import_can_be_taken_back_but_for_what_was_answered_here(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("commentbox.transfer.retraction.BATCH", 2)
    found = [
        record("1"), record("2", "1"), record("3", "2"), record("4", page=Page(key="/b")),
        record("5", page=Page(key="/b")), record("6", is_pinned=True),
    ]  # fmt: skip
    bring(*found)
    mine = write(site, page="/a", parent=comments()["1"].id)
    own = write(site, page="/a")
    assert retract("blog", "isso", is_dry_run=True) == Retracted(comments=3, kept=3)
    assert retract("blog", "isso") == Retracted(comments=3, pages=1, kept=3)
    assert set(session().scalars(select(Comment.id))) >= {mine.id, own.id}
    assert comments().keys() == {"1", "2", "3", None}
    (thread,) = session().scalars(select(Thread)).all()
    assert (thread.key, thread.pinned_id) == ("/a", None)
    require_laws(site)
    assert retract("blog", "isso") == Retracted(kept=3)
    assert bring(*found).new == 3
    assert write(site, page="/a").id > mine.id


def test_staff_and_what_is_pinned_are_known_as_such(site: Site) -> None:
    bring(
        record("1"), record("2", "1", is_pinned=True), record("3", is_pinned=True, is_staff=True),
        record("4", is_pinned=True),
    )  # fmt: skip
    there = comments()
    assert [there[key].is_by_moderator for key in "1234"] == [False, False, True, False]
    # Conversations are pinned, one of a thread; what the owner does afterwards stays.
    thread = session().scalars(select(Thread)).one()
    assert thread.pinned_id == there["3"].id
    with atomic() as current:
        current.get_one(Thread, thread.id).pinned_id = None
    bring(record("3", is_pinned=True))
    assert session().get_one(Thread, thread.id).pinned_id is None


def test_of_several_sites_in_a_file_one_can_be_taken(site: Site) -> None:
    found = [
        record("1", page=Page(key="/a", site="mine")),
        record("2", page=Page(key="/a", site="other")),
    ]
    (remark,) = bring(*found, is_dry_run=True).remarks
    assert remark.facts == {"sites": "mine, other"}
    report = bring(*found, only="mine")
    assert (report.new, report.skipped, report.remarks) == (1, {"other_site": 1}, [])


def test_numbers_are_larger_than_those_in_old_links_like_our_own(site: Site) -> None:
    bring(record("1", anchor="comment-500"), record("2", anchor="comment-99999999999999"))
    assert {comment.id for comment in comments().values()} == {501, 502}
    assert write(site).id > 502


def test_what_no_database_and_no_screen_can_hold_is_made_fit(site: Site) -> None:
    bring(
        record("1", name="A\0d\na" + "a" * 200, email="no address", website="x" * 600, text="a\0\ud800",
               score=10**20, anchor='"><script>'),
    )  # fmt: skip
    comment = comments()["1"]
    assert (comment.name, comment.email, comment.website) == ("A d a" + "a" * 95, "", "")
    assert (comment.text, comment.score, comment.anchor) == ("a\ufffd\ufffd", 2**31 - 1, None)


@pytest.mark.long
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_deep_chain_and_a_long_cycle_are_survived(site: Site) -> None:
    chain = [record(str(n), str(n - 1) if n > 1 else "") for n in range(1, 600)]
    cycle = [record(str(n), str(n + 1) if n < 900 else "700") for n in range(700, 901)]
    report = bring(*chain[::-1], *cycle)
    assert report.new == 800
    assert max(comment.depth for comment in comments().values()) == 598


@pytest.mark.long
@settings(max_examples=examples(40))
@given(
    tree=st.lists(
        st.tuples(
            st.integers(0, 9), st.integers(0, 9), st.sampled_from(["published", "held", "removed"]),
            st.booleans(), st.integers(0, 3),
        ),
        max_size=12,
    ),
    cut=st.integers(0, 12),
)  # fmt: skip
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_laws_hold_for_any_file_in_any_parts(app: object, tree: list[tuple], cut: int) -> None:
    with atomic() as current:
        current.execute(delete(Site))
    site = add_site("blog", [ORIGIN])
    found = [
        record(str(id), str(parent or ""), state=state, created_at=NOON + timedelta(minutes=minute),
               text="" if state == "removed" else "x", page=Page(key="/a" if on_a else "/b"))
        for id, parent, state, on_a, minute in tree
    ]  # fmt: skip
    bring(*found[:cut])
    bring(*found)
    require_laws(site)
    assert bring(*found).new == 0


def test_memory_holds_a_batch_and_no_more(site: Site) -> None:
    alive = 0
    peak = 0

    class Counted(str):
        def __new__(cls, text: str) -> "Counted":
            nonlocal alive, peak
            alive += 1
            peak = max(peak, alive)
            return super().__new__(cls, text)

        def __del__(self) -> None:
            nonlocal alive
            alive -= 1

        def __reduce__(self) -> tuple[type[str], tuple[str]]:
            return str, (str(self),)

    def many() -> Iterable[Found]:
        for number in range(1, 4 * importer.BATCH):
            yield record(str(number), text=Counted("x"))

    assert (
        import_found(many(), Plan("blog", format="isso", is_dry_run=True)).new
        == 4 * importer.BATCH - 1
    )
    assert peak <= 3
