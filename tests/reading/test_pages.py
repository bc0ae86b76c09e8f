"""Long threads come in pages of whole conversations, each on exactly one, but for very long ones."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from commentbox.actions.sites import add_site
from commentbox.db import atomic, session
from commentbox.models import Comment, Site, State, Thread
from commentbox.models.thread import thread_with_key
from commentbox.reading.pages import PART_SIZE, SORTS, Place
from commentbox.reading.threads import view_comment, view_thread
from commentbox.reading.view import CommentView, ThreadView
from tests.factories import (
    PAGE,
    alias,
    close,
    rule,
    with_policy,
    write,
    write_chain,
    write_held,
)

HOSTILE_CURSORS = (
    "",
    ".",
    "0",
    "x",
    "0.x",
    "1.2.3",
    "-.1",
    "--1.1",
    "0.-1",
    "0.0",
    "².1",
    "0.٣",
    "0." + "9" * 18,
    "0." + "9" * 19,
    "9" * 40 + ".1",
    "-" + "9" * 40 + ".1",
    "' OR 1=1 --.1",
    "0.1\0",
    "0." + "9" * 16 + ".1",
    "0.-" + "9" * 16 + "." + "9" * 18,
    "9999999999.1.1",
    "0.1.²",
    "0.1.1.",
    "0.1.1.²",
    "0.1.1.1",
    "0.1.1." + "9" * 18,
)


@pytest.fixture
def long_thread(site: Site) -> list[int]:
    """Return the numbers of 12 conversations, of different sizes and scores; two more show nothing.

    Their numbers do not follow each other, and some have the same score.
    """
    with_policy(site, page_size=5)
    with atomic() as current:
        thread = Thread(site_id=site.id, key=PAGE)
        current.add(thread)
        current.flush()
        roots = [plant(current, thread, replies=n % 4, score=n * 5 % 3 - 1) for n in range(12)]
        plant(current, thread, state=State.HELD)
        plant(current, thread, state=State.SPAM)
        return [root.id for root in roots]


def plant(
    current: Session,
    thread: Thread,
    *,
    replies: int = 0,
    score: int = 0,
    state: State = State.PUBLISHED,
) -> Comment:
    """Put a conversation into a thread, all in the caller's transaction."""
    root = Comment(site_id=thread.site_id, thread_id=thread.id, state=state.value, score=score)
    root.write("Well said!")
    current.add(root)
    current.flush()
    root.root_id = root.id
    parent = root
    for _ in range(replies):
        reply = Comment(site_id=thread.site_id, thread_id=thread.id, state=state.value)
        reply.write("Well said!")
        reply.answer(parent)
        current.add(reply)
        current.flush()
        parent = reply
    if state is State.PUBLISHED:
        thread.count += 1 + replies
        root.conversation_size = 1 + replies
    return root


@pytest.mark.parametrize("sort", SORTS)
def test_going_forward_shows_every_conversation_once(
    site: Site, long_thread: list[int], sort: str
) -> None:
    pages = list(forward(site, sort))
    shown = [comment.id for view in pages for comment in view.comments]
    assert shown == in_order(long_thread, sort)
    assert len(pages) > 3
    assert pages[0].previous is None
    assert pages[-1].next is None


@pytest.mark.parametrize("sort", SORTS)
def test_going_back_from_the_end_shows_every_conversation_once(
    site: Site, long_thread: list[int], sort: str
) -> None:
    last = list(forward(site, sort))[-1]
    shown = [comment.id for comment in last.comments]
    view = last
    while view.previous:
        view = look(site, sort=sort, before=view.previous)
        shown = [comment.id for comment in view.comments] + shown
    assert shown == in_order(long_thread, sort)


@pytest.mark.parametrize("sort", SORTS)
def test_next_after_previous_comes_back_to_where_one_was(
    site: Site, long_thread: list[int], sort: str
) -> None:
    first, second = list(forward(site, sort))[:2]
    back = look(site, sort=sort, before=second.previous)
    # Counted from behind, a page may begin elsewhere; it ends where the other begins.
    assert back.comments == first.comments[-len(back.comments) :]
    assert look(site, sort=sort, after=back.next).comments == second.comments


def test_a_page_holds_as_many_whole_conversations_as_make_up_its_size(
    site: Site, long_thread: list[int]
) -> None:
    for view in list(forward(site, "oldest"))[:-1]:
        sizes = [count(comment) for comment in view.comments]
        assert sum(sizes) >= 5
        assert sum(sizes[:-1]) < 5


def test_a_page_that_is_just_full_says_whether_more_follow(site: Site) -> None:
    for _ in range(4):
        write(site)
    with_policy(site, page_size=2)
    first = look(site)
    assert len(first.comments) == 2
    assert first.next is not None
    assert look(site, after=first.next).next is None


def test_a_conversation_larger_than_a_page_is_shown_whole(site: Site) -> None:
    write_chain(site, 7)
    write(site)
    with_policy(site, page_size=2)
    view = look(site)
    assert [count(comment) for comment in view.comments] == [7]
    assert view.next is not None


@pytest.fixture(params=[False, True], ids=["", "pinned"])
def endless_thread(site: Site, request: pytest.FixtureRequest) -> list[int]:
    """Return the numbers of all comments of 7 conversations, of which two need several pages."""
    with_policy(site, page_size=3, max_depth=1)
    with atomic() as current:
        thread = Thread(site_id=site.id, key=PAGE)
        current.add(thread)
        current.flush()
        sizes = (1, 11, 2, 0, 9, 3, 0)
        roots = [plant(current, thread, replies=n, score=n % 2) for n in sizes]
        thread.pinned_id = roots[4].id if request.param else None
    return list(session().scalars(select(Comment.id).order_by(Comment.id)))


PART = 4


@pytest.mark.long
@pytest.mark.parametrize("sort", ["oldest", "top"])
def test_every_comment_of_an_endless_conversation_is_shown_once(
    site: Site, endless_thread: list[int], sort: str
) -> None:
    pages = list(forward(site, sort, part_size=PART))
    shown = [number for view in pages for number in numbers(view)]
    assert sorted(shown) == endless_thread
    assert max(len(numbers(view)) for view in pages) < 3 + 2 * PART
    view, back = pages[-1], numbers(pages[-1])
    while view.previous:
        view = look(site, sort=sort, before=view.previous, part_size=PART)
        assert len(numbers(view)) < 3 + 2 * PART
        back = numbers(view) + back
    assert back == shown


def test_a_part_says_whom_its_comments_answer_elsewhere(site: Site) -> None:
    chain = [write(site, name="Ada")]
    for name in ("Ben", "Cy", "Dee"):
        chain.append(write(site, name=name, parent=chain[-1].id))
    first, second = forward(site, "oldest", part_size=2)
    assert [n for view in (first, second) for n in numbers(view)] == [c.id for c in chain]
    [opening] = second.comments
    assert (opening.parent, opening.parent_name, opening.depth) == (chain[1].id, "Ben", 0)
    rule(chain[1], State.REMOVED)
    [opening] = look(site, after=first.next, part_size=2).comments
    assert (opening.parent, opening.parent_name) == (chain[1].id, "")


@pytest.mark.long
def test_every_comment_of_an_endless_conversation_can_be_linked_to(
    site: Site, endless_thread: list[int]
) -> None:
    for number in endless_thread[::3]:
        middle = look(site, comment=str(number), part_size=PART)
        assert number in numbers(middle)
        shown, there = numbers(middle), middle
        while there.next:
            there = look(site, after=there.next, part_size=PART)
            shown += numbers(there)
        there = middle
        while there.previous:
            there = look(site, before=there.previous, part_size=PART)
            shown += numbers(there)
        assert sorted(shown) == endless_thread


def test_a_reply_that_comes_meanwhile_is_shown_with_the_rest(site: Site) -> None:
    chain = write_chain(site, 3)
    first = look(site, part_size=2)
    last = look(site, after=first.next, part_size=2)
    assert (numbers(last), last.next) == ([chain[2].id], None)
    late = write(site, parent=chain[0].id)
    assert numbers(look(site, after=first.next, part_size=2)) == [chain[2].id, late.id]


@pytest.mark.parametrize("sort", SORTS)
def test_every_comment_can_be_linked_to(site: Site, long_thread: list[int], sort: str) -> None:
    shown = session().scalars(select(Comment.id).where(Comment.state == "published")).all()
    for number in shown:
        view = look(site, sort=sort, comment=str(number))
        assert number in numbers(view)


@pytest.mark.parametrize("sort", SORTS)
def test_from_a_linked_comment_one_can_go_to_both_ends(
    site: Site, long_thread: list[int], sort: str
) -> None:
    order = in_order(long_thread, sort)
    middle = look(site, sort=sort, comment=str(order[6]))
    shown = [comment.id for comment in middle.comments]
    there = middle
    while there.next:
        there = look(site, sort=sort, after=there.next)
        shown += [comment.id for comment in there.comments]
    there = middle
    while there.previous:
        there = look(site, sort=sort, before=there.previous)
        shown = [comment.id for comment in there.comments] + shown
    assert shown == order


def test_a_link_to_a_comment_of_the_first_page_shows_the_first_page(
    site: Site, long_thread: list[int]
) -> None:
    assert look(site, comment=str(long_thread[1])).comments == look(site).comments


@pytest.mark.parametrize("number", [0, -1, 12345, 2**63 - 1])
def test_a_link_to_no_comment_shows_the_first_page(
    site: Site, long_thread: list[int], number: int
) -> None:
    assert look(site, comment=str(number)).comments == look(site).comments


def test_a_link_to_a_comment_of_another_thread_shows_the_first_page(
    site: Site, long_thread: list[int]
) -> None:
    elsewhere = write(site, page="/elsewhere")
    assert look(site, comment=str(elsewhere.id)).comments == look(site).comments


def test_a_cursor_of_nowhere_leads_somewhere(site: Site, long_thread: list[int]) -> None:
    for cursor in HOSTILE_CURSORS:
        for sort in SORTS:
            assert look(site, sort=sort, after=cursor).comments, (cursor, sort)
            assert look(site, sort=sort, before=cursor).comments, (cursor, sort)


def test_a_cursor_whose_conversation_is_gone_still_marks_its_place(
    site: Site, long_thread: list[int]
) -> None:
    first = look(site)
    rule(session().get_one(Comment, first.comments[-1].id), State.REMOVED)
    rest = look(site, after=first.next)
    assert rest.comments[0].id == long_thread[long_thread.index(first.comments[-1].id) + 1]


@pytest.mark.parametrize("sort", ["oldest", "newest"])
def test_comments_that_come_meanwhile_hide_none_and_double_none(
    site: Site, long_thread: list[int], sort: str
) -> None:
    shown, view = [], look(site, sort=sort)
    while True:
        shown += [comment.id for comment in view.comments]
        write(site)
        write(site, parent=view.comments[0].id)
        if len(shown) >= len(long_thread) or view.next is None:
            break
        view = look(site, sort=sort, after=view.next)
    assert shown[: len(long_thread)] == in_order(long_thread, sort)


def test_a_site_without_nesting_shows_replies_after_what_they_answer(site: Site) -> None:
    chain = write_chain(site, 3)
    other = write(site)
    reply = write(site, parent=chain[0].id)
    with_policy(site, max_depth=0)
    shown = [comment.id for comment in look(site).comments]
    assert shown == [*(comment.id for comment in chain), reply.id, other.id]
    assert all(not comment.replies for comment in look(site).comments)


def test_the_newest_conversation_comes_first_and_its_replies_stay_in_order(site: Site) -> None:
    old, new = write(site), write(site)
    replies = [write(site, parent=new.id), write(site, parent=new.id)]
    view = look(site, sort="newest")
    assert [comment.id for comment in view.comments] == [new.id, old.id]
    assert [reply.id for reply in view.comments[0].replies] == [reply.id for reply in replies]


def test_a_page_without_comments_has_an_empty_open_thread(site: Site) -> None:
    view = look(site)
    assert (view.comments, view.count, view.version, view.is_open) == ((), 0, 0, True)


def test_a_thread_whose_comments_all_wait_shows_none(site: Site) -> None:
    write_held(site)
    assert (look(site).comments, look(site).count) == ((), 0)


def test_a_closed_thread_says_so_and_offers_no_reply(site: Site) -> None:
    write(site)
    close(session().scalars(select(Thread)).one())
    view = look(site)
    assert not view.is_open
    assert not view.comments[0].can_reply


def test_a_moved_page_shows_its_old_thread(site: Site) -> None:
    comment = write(site)
    alias(session().scalars(select(Thread)).one(), "/moved")
    view = look(site, page="/moved")
    assert numbers(view) == [comment.id]
    assert view.page == PAGE


def test_an_alias_is_of_one_site(site: Site) -> None:
    write(site)
    alias(session().scalars(select(Thread)).one(), "/moved")
    other = add_site("other", ["https://other.example"])
    assert thread_with_key(session(), other, "/moved") is None


def test_an_author_sees_the_own_held_comment_whole(site: Site) -> None:
    parent = write(site, name="Ada")
    held = write_held(site, parent=parent.id, text="*Wait*", name="Cy")
    thread = session().get_one(Thread, held.thread_id)
    view = view_comment(held, thread, parent)
    assert (view.state, view.name, view.parent_name, view.depth) == ("held", "Cy", "Ada", 1)
    assert "<em>Wait</em>" in view.html
    assert not view.can_reply


def test_names_are_shown_tamed_and_websites_checked(site: Site) -> None:
    comment = write(site, name="A\u202ed\u200ba")
    assert "\u202e" not in look(site).comments[0].name
    assert comment.name == "A\u202ed\u200ba"


def look(site: Site, page: str = PAGE, part_size: int = PART_SIZE, **place: object) -> ThreadView:
    """Return a page of the thread."""
    session().expire_all()
    site = session().get_one(Site, site.id)
    thread = thread_with_key(session(), site, page)
    asked = Place(**place)  # type: ignore[arg-type]
    return view_thread(session(), site, thread, page, asked, part_size)


def forward(site: Site, sort: str, part_size: int = PART_SIZE) -> Iterator[ThreadView]:
    """Go from the first page to the last."""
    view = look(site, sort=sort, part_size=part_size)
    yield view
    while view.next:
        view = look(site, sort=sort, after=view.next, part_size=part_size)
        yield view


def in_order(roots: list[int], sort: str) -> list[int]:
    """Return the conversations in the order that is asked for."""
    scores = {root: session().get_one(Comment, root).score for root in roots}
    match sort:
        case "oldest":
            return sorted(roots)
        case "newest":
            return sorted(roots, reverse=True)
        case _:
            return sorted(roots, key=lambda root: (scores[root], root), reverse=True)


def numbers(view: ThreadView) -> list[int]:
    """Return the numbers of all comments of a page."""
    return [n for comment in view.comments for n in (comment.id, *below(comment))]


def below(comment: CommentView) -> list[int]:
    """Return the numbers of all replies below a comment."""
    return [n for reply in comment.replies for n in (reply.id, *below(reply))]


def count(comment: CommentView) -> int:
    """Return how many comments a conversation shows."""
    return 1 + len(below(comment))
