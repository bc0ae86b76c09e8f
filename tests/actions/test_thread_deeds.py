"""Threads are closed, pinned, moved and merged, and no link, no comment and no count is lost."""

import pytest
from sqlalchemy import func, select

from commentbox.actions.alias import drop_alias, restore_alias
from commentbox.actions.answer import NotAnswerable, answer
from commentbox.actions.close import set_open
from commentbox.actions.merge import LeadsElsewhere, NotMergeable, merge, split
from commentbox.actions.moderate import Ruling
from commentbox.actions.pin import NotPinnable, pin, unpin
from commentbox.actions.relocate import Occupied, relocate
from commentbox.actions.sites import add_site
from commentbox.db import atomic, session
from commentbox.errors import InvalidFields, ThreadClosed
from commentbox.models import (
    Comment,
    Entrance,
    Moderator,
    Site,
    State,
    Thread,
    ThreadDecision,
)
from commentbox.models.thread import thread_with_key
from commentbox.reading.pages import SORTS, Place
from commentbox.reading.threads import view_thread
from commentbox.reading.view import CommentView
from tests.factories import (
    ORIGIN,
    PAGE,
    WRITTEN_AT,
    alias,
    ben,
    rule,
    with_policy,
    write,
    write_held,
)

OTHER = "/2026/other"


@pytest.fixture
def by(site: Site) -> Ruling:
    """Return Ben's ruling in the dashboard."""
    return Ruling(Entrance.DASHBOARD, ben(site))


def test_a_moderators_answer_is_published_marked_and_publishes_what_it_answers(
    site: Site, by: Ruling
) -> None:
    held = write_held(site)
    reply = answer(held.id, "Welcome!", "Ben of the blog", by, WRITTEN_AT)
    (root,) = shown(site)
    assert (root.state, root.is_by_moderator) == ("published", False)
    assert [(r.id, r.name, r.is_by_moderator) for r in root.replies] == [
        (reply.id, "Ben of the blog", True)
    ]
    assert by.by
    assert session().get_one(Moderator, by.by.id).name == "Ben of the blog"
    assert thread(site).count == 2


def test_a_moderator_has_the_last_word_in_a_closed_thread(site: Site, by: Ruling) -> None:
    root = write(site)
    set_open(site.key, PAGE, is_open=False, ruling=by)
    answer(root.id, "Enough said.", "Ben", by, WRITTEN_AT)
    assert thread(site).count == 2
    with pytest.raises(ThreadClosed):
        write(site)
    assert deeds() == ["closed"]


def test_spam_is_not_answered(site: Site, by: Ruling) -> None:
    spam = rule(write(site), State.SPAM)
    with pytest.raises(NotAnswerable):
        answer(spam.id, "No, thanks.", "Ben", by, WRITTEN_AT)


@pytest.mark.parametrize("sort", SORTS)
def test_the_pinned_conversation_comes_first_in_every_order_and_once(
    site: Site, by: Ruling, sort: str
) -> None:
    site = with_policy(site, page_size=2)
    numbers = [write(site).id for _ in range(5)]
    pin(numbers[2], by)
    first = view_thread(session(), site, thread(site), PAGE, Place(sort))
    assert first.comments[0].id == numbers[2]
    assert [comment.is_pinned for comment in first.comments] == [True, False, False]
    seen, page = [], first
    while True:
        seen += [comment.id for comment in page.comments]
        if page.next is None:
            break
        page = view_thread(session(), site, thread(site), PAGE, Place(sort, after=page.next))
    assert sorted(seen) == numbers
    back = view_thread(session(), site, thread(site), PAGE, Place(sort, before=page.previous))
    assert back.comments == first.comments
    unpin(numbers[2], by)
    assert not any(comment.is_pinned for comment in shown(site))
    assert deeds() == ["pinned", "unpinned"]


def test_only_what_opens_a_conversation_and_is_seen_can_be_pinned(site: Site, by: Ruling) -> None:
    root = write(site)
    reply, held = write(site, parent=root.id), write_held(site)
    for comment in (reply, held):
        with pytest.raises(NotPinnable):
            pin(comment.id, by)
    pin(root.id, by)
    rule(root, State.SPAM)
    assert [(c.state, c.is_pinned) for c in shown(site)] == [("removed", False)]


def test_a_moved_thread_is_found_by_its_old_page_and_its_new_one(site: Site, by: Ruling) -> None:
    comment = write(site)
    moved = relocate(thread(site).id, f"{ORIGIN}/new/?utm_source=x", by)
    assert (moved.key, moved.url) == ("/new", f"{ORIGIN}/new/?utm_source=x")
    assert thread(site, PAGE).id == thread(site, "/new").id == moved.id
    assert write(site, page=PAGE, parent=comment.id).thread_id == moved.id
    back = relocate(moved.id, PAGE, by)
    assert (back.key, back.url) == (PAGE, f"{ORIGIN}{PAGE}")
    assert thread(site, "/new").id == moved.id
    drop_alias(moved.id, "/new", by)
    assert thread_with_key(session(), site, "/new") is None


@pytest.mark.parametrize("page", ["", "  ", "https://elsewhere.example/", "null", "x" * 600])
def test_a_thread_moves_to_pages_of_its_site_only(site: Site, by: Ruling, page: str) -> None:
    write(site)
    with pytest.raises(InvalidFields):
        relocate(thread(site).id, page, by)


def test_a_page_with_comments_is_not_overwritten(site: Site, by: Ruling) -> None:
    write(site)
    write(site, page=OTHER)
    with pytest.raises(Occupied) as refused:
        relocate(thread(site).id, OTHER, by)
    assert refused.value.thread_id == thread(site, OTHER).id


def test_merged_threads_lose_nothing_and_part_again(site: Site, by: Ruling) -> None:
    root = write(site, key="k" * 20)
    write(site, parent=root.id)
    write(site, page=OTHER, key="k" * 20)
    write_held(site, page=OTHER)
    alias(thread(site, OTHER), "/older")
    pin(root.id, by)
    before = {page: (shown(site, page), thread(site, page).count) for page in (PAGE, OTHER)}
    version = max(thread(site).version, thread(site, OTHER).version)

    into = merge(thread(site, OTHER).id, thread(site).id, by)
    assert into.count == 3
    assert into.version > version
    for page in (PAGE, OTHER, "/older"):
        assert thread(site, page).id == into.id
        assert count_of(site, page) == 3
    assert write(site, page=OTHER).thread_id == into.id

    decision = (
        session().scalars(select(ThreadDecision).where(ThreadDecision.deed == "merged")).one()
    )
    split(decision.id, by)
    assert shown(site, OTHER) == before[OTHER][0]
    assert thread(site, OTHER).count == before[OTHER][1] == 1
    assert thread(site, "/older").id == thread(site, OTHER).id != into.id
    assert thread(site).count == 3  # with what was written meanwhile
    with pytest.raises(LeadsElsewhere):
        split(decision.id, by)


def test_threads_of_two_sites_do_not_become_one(site: Site, by: Ruling) -> None:
    other = add_site("other", ["https://other.example"])
    write(site)
    write(other)
    with pytest.raises(NotMergeable):
        merge(thread(site).id, thread(other).id, by)
    with pytest.raises(NotMergeable):
        merge(thread(site).id, thread(site).id, by)


def thread(site: Site, page: str = PAGE) -> Thread:
    with atomic() as current:
        found = thread_with_key(current, site, page)
        assert found
        return found


def shown(site: Site, page: str = PAGE) -> tuple[CommentView, ...]:
    """Return what readers see of a page."""
    found = thread(site, page)
    return view_thread(session(), site, found, page, Place()).comments


def count_of(site: Site, page: str) -> int:
    published = select(func.count()).where(
        Comment.thread_id == thread(site, page).id, Comment.state == "published"
    )
    return session().scalar(published) or 0


def deeds() -> list[str]:
    with atomic() as current:
        return list(current.scalars(select(ThreadDecision.deed).order_by(ThreadDecision.id)))


def test_an_address_that_was_removed_leads_to_the_thread_again(site: Site, by: Ruling) -> None:
    comment = write(site)
    thread = session().get_one(Thread, comment.thread_id)
    alias(thread, "/old")
    drop_alias(thread.id, "/old", by)
    drop_alias(thread.id, "/never-there", by)
    assert thread_with_key(session(), site, "/old") is None
    removed = session().scalars(select(ThreadDecision)).one()
    assert (removed.deed, removed.facts, removed.moderator_id) == (
        "unaliased",
        {"key": "/old"},
        by.by.id if by.by else None,
    )
    restore_alias(removed.id, by)
    restore_alias(removed.id, by)  # as when two press the button
    found = thread_with_key(session(), site, "/old")
    assert found is not None
    assert found.id == thread.id


def test_an_address_with_comments_of_its_own_is_not_taken_back(site: Site, by: Ruling) -> None:
    comment = write(site)
    thread = session().get_one(Thread, comment.thread_id)
    alias(thread, "/old")
    drop_alias(thread.id, "/old", by)
    write(site, page="/old")
    removed = session().scalars(select(ThreadDecision)).one()
    with pytest.raises(LeadsElsewhere):
        restore_alias(removed.id, by)
