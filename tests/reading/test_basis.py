"""What an answer rests on: the thread that it tells of is the one that is stored."""

import pytest
from sqlalchemy import Engine, inspect

from commentbox.actions.sites import add_site
from commentbox.db import atomic, session
from commentbox.freshness import Ask, WriteMark, watch
from commentbox.models import Site, Thread
from commentbox.models.thread import thread_with_key
from commentbox.reading.basis import (
    basis_of_counts,
    basis_of_thread,
    counts_of_basis,
    thread_of_basis,
)
from commentbox.reading.counts import count_comments
from tests.factories import alias, close, with_policy, write, write_chain, write_held


@pytest.fixture
def ask(engine: Engine) -> Ask:
    seen = watch(engine, WriteMark())
    assert seen is not None
    return seen.ask


def columns(thread: Thread | None) -> dict[str, object]:
    return {c.key: getattr(thread, c.key) for c in inspect(Thread).columns}


@pytest.mark.parametrize("page", ["/told", "/untold", "/closed", "/old", "/both"])
def test_a_thread_is_shown_as_it_is_stored(site: Site, ask: Ask, page: str) -> None:
    write(site, page="/told", title="Told")
    write_held(site, page="/untold")
    write(site, page="/closed")
    closed = thread_with_key(session(), site, "/closed")
    assert closed is not None
    close(closed)
    alias(closed, "/old")
    # A page's own thread comes first, whatever of it is empty.
    write(site, page="/both")
    alias(closed, "/both")
    with atomic() as current:
        both = thread_with_key(current, site, "/both")
        assert both is not None
        both.url, both.pinned_id, both.is_described = None, 7, True
    basis = basis_of_thread(site, page, ask)
    assert basis.is_firm
    assert not basis.is_invented
    shown = thread_of_basis(site, basis)
    assert columns(shown) == columns(thread_with_key(session(), site, page))
    assert shown not in session()


def test_a_page_without_a_thread_has_none(site: Site, ask: Ask) -> None:
    other = add_site("other", ["https://other.example"])
    write(other, page="/a")
    basis = basis_of_thread(site, "/a", ask)
    assert (basis.is_firm, basis.is_invented) == (True, True)
    assert thread_of_basis(site, basis) is None


def test_pages_are_counted_as_their_threads_count(site: Site, ask: Ask) -> None:
    write_chain(site, 3, page="/three")
    write(site, page="/one")
    write_held(site, page="/held")
    one, three = (thread_with_key(session(), site, page) for page in ("/one", "/three"))
    assert one is not None
    assert three is not None
    alias(three, "/old")
    alias(three, "/one")  # the page has a thread of its own
    alias(three, "/held")  # of which readers see nothing
    keys = ["/three", "/one", "/held", "/old", "/none"]
    for asked in (keys, []):
        basis = basis_of_counts(site, asked, ask)
        assert basis.is_firm
        assert counts_of_basis(basis, asked) == count_comments(session(), site, asked)
    assert counts_of_basis(basis_of_counts(site, keys, ask), keys) == {
        "/three": 3,
        "/one": 1,
        "/held": 3,
        "/old": 3,
        "/none": 0,
    }


def test_a_site_that_changed_meanwhile_is_no_firm_ground(site: Site, ask: Ask) -> None:
    write(site, page="/a")
    as_read_before = Site(id=site.id, key=site.key, version=site.version)
    with_policy(site, votes=False)
    assert not basis_of_thread(as_read_before, "/a", ask).is_firm
    assert not basis_of_thread(Site(id=site.id, key="nowhere", version=1), "/a", ask).is_firm
