"""Counts of many pages in one question, and the newest comments for feeds."""

from sqlalchemy import Engine, select

from commentbox.actions.sites import add_site
from commentbox.db import session
from commentbox.models import Site, State, Thread
from commentbox.reading.counts import count_comments
from commentbox.reading.recent import FEED_LENGTH, recent_of_site, recent_of_thread
from tests.factories import alias, rule, write, write_chain, write_held
from tests.grounds import heard


def test_every_page_asked_for_is_answered(site: Site) -> None:
    write_chain(site, 3, page="/a")
    write(site, page="/b")
    write_held(site, page="/c")
    rule(write(site, page="/d"), State.REMOVED)
    asked = ["/a", "/b", "/c", "/d", "/e"]
    counted = count_comments(session(), site, asked)
    assert counted == {"/a": 3, "/b": 1, "/c": 0, "/d": 0, "/e": 0}


def test_no_page_asked_for_is_answered_too(site: Site) -> None:
    assert count_comments(session(), site, []) == {}


def test_an_alias_has_the_count_of_its_thread(site: Site) -> None:
    write(site, page="/old")
    alias(session().scalars(select(Thread)).one(), "/new")
    assert count_comments(session(), site, ["/old", "/new"]) == {"/old": 1, "/new": 1}


def test_counts_are_of_one_site(site: Site) -> None:
    write(site, page="/a")
    other = add_site("other", ["https://other.example"])
    assert count_comments(session(), other, ["/a"]) == {"/a": 0}


def test_a_hundred_pages_cost_two_questions(site: Site, engine: Engine) -> None:
    keys = [f"/{number}" for number in range(100)]
    write(site, page="/7")
    with heard(engine) as asked:
        counted = count_comments(session(), site, keys)
    assert sum(counted.values()) == 1
    assert len(asked) <= 2


def test_recent_comments_come_newest_first_and_published_only(site: Site) -> None:
    first, second = write(site, page="/a"), write(site, page="/b")
    write_held(site)
    rule(write(site), State.SPAM)
    found = recent_of_site(session(), site)
    assert [(comment.id, thread.key) for comment, thread in found] == [
        (second.id, "/b"),
        (first.id, "/a"),
    ]


def test_recent_comments_of_a_thread_are_its_own(site: Site) -> None:
    chain = write_chain(site, 2, page="/a")
    write(site, page="/b")
    thread = session().get_one(Thread, chain[0].thread_id)
    found = recent_of_thread(session(), thread)
    assert [comment.id for comment, _ in found] == [chain[1].id, chain[0].id]


def test_recent_comments_are_of_one_site(site: Site) -> None:
    write(site)
    assert recent_of_site(session(), add_site("other", ["https://other.example"])) == []


def test_a_feed_has_an_end(site: Site) -> None:
    posted = [write(site) for _ in range(FEED_LENGTH + 1)]
    found = recent_of_site(session(), site)
    assert len(found) == FEED_LENGTH
    assert posted[0].id not in {comment.id for comment, _ in found}
