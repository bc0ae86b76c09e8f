"""Many people at once: nothing is lost, nothing is counted twice, nobody is turned away."""

from sqlalchemy import func, select

from commentbox.actions.members import LastOwner, remove_member
from commentbox.actions.moderate import Ruling, decide
from commentbox.actions.report import report
from commentbox.actions.vote import cast_vote
from commentbox.db import session
from commentbox.models import Comment, Entrance, Report, Role, Site, State, Thread, Vote
from tests.actions.conftest import AtOnce
from tests.factories import WRITTEN_AT, account, write, write_held


def test_a_comment_sent_eight_times_at_once_is_posted_once(
    site: Site, at_once: AtOnce[int]
) -> None:
    numbers = at_once(8, lambda _: write(site, text="Hello?", key="k" * 20).id)
    assert len(set(numbers)) == 1
    assert counts() == (1, 1, 1)


def test_first_comments_of_a_page_at_once_make_one_thread(
    site: Site, at_once: AtOnce[Comment]
) -> None:
    posted = at_once(8, lambda _: write(site))
    assert len({comment.thread_id for comment in posted}) == 1
    assert counts() == (1, 8, 8)


def test_first_comments_of_many_pages_at_once_make_a_thread_each(
    site: Site, at_once: AtOnce[Comment]
) -> None:
    at_once(8, lambda number: write(site, page=f"/{number}"))
    assert counts() == (8, 8, 8)


def test_of_32_who_post_at_once_nobody_is_turned_away(site: Site, at_once: AtOnce[Comment]) -> None:
    posted = at_once(32, lambda number: write(site, address=f"192.0.2.{number}"))
    assert {comment.state for comment in posted} == {State.PUBLISHED}
    assert counts() == (1, 32, 32)


def test_replies_and_decisions_at_once_keep_the_counts_right(
    site: Site, at_once: AtOnce[object]
) -> None:
    root = write(site).id
    held = [write_held(site, parent=root).id for _ in range(6)]
    ours = Ruling(Entrance.CLI)

    def deed(number: int) -> object:
        if number < 6:
            return decide(held[number], State.PUBLISHED, ours)
        return write(site, parent=root)

    at_once(12, deed)
    assert session().get_one(Comment, root, populate_existing=True).conversation_size == 13
    assert counts() == (1, 13, 13)


def test_two_moderators_who_agree_at_once_decide_once(site: Site, at_once: AtOnce[Comment]) -> None:
    held = write_held(site).id
    at_once(8, lambda _: decide(held, State.PUBLISHED, Ruling(Entrance.CLI)))
    assert counts() == (1, 1, 1)


def test_a_network_that_votes_eight_times_at_once_votes_once(
    site: Site, at_once: AtOnce[Comment]
) -> None:
    comment = write(site).id
    at_once(8, lambda _: cast_vote(comment, 1, "192.0.2.9", WRITTEN_AT))
    assert session().get_one(Comment, comment, populate_existing=True).score == 1
    assert session().scalar(select(func.count()).select_from(Vote)) == 1


def test_a_network_that_reports_eight_times_at_once_reports_once(
    site: Site, at_once: AtOnce[None]
) -> None:
    comment = write(site).id
    at_once(8, lambda number: report(comment, f"{number}", "192.0.2.9", WRITTEN_AT))
    assert session().scalar(select(func.count()).select_from(Report)) == 1


def counts() -> tuple[int, int, int]:
    """Return the numbers of threads and comments, and what the threads count."""
    session().expire_all()
    threads = session().scalars(select(Thread)).all()
    comments = session().scalar(select(func.count()).select_from(Comment)) or 0
    return len(threads), comments, sum(thread.count for thread in threads)


def test_of_owners_who_remove_each_other_at_once_one_stays(
    site: Site, at_once: AtOnce[bool]
) -> None:
    people = [account(f"{number}@example.org", Role.OWNER, site) for number in range(8)]
    numbers = [each.memberships[0].id for each in people]

    def leave(number: int) -> bool:
        try:
            remove_member(numbers[number], site.id)
        except LastOwner:
            return False
        return True

    assert sorted(at_once(8, leave)) == [False, *[True] * 7]
