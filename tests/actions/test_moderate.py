"""Every change of a comment's state keeps counts, versions and the record of who decided."""

import pytest
from sqlalchemy import select

from commentbox.actions.edit import delete
from commentbox.actions.moderate import Ruling, decide
from commentbox.db import session
from commentbox.errors import Refused, UnknownComment
from commentbox.models import Comment, Decision, Entrance, Site, State, Thread
from tests.factories import WRITTEN_AT, ben, rule, write, write_held


@pytest.mark.parametrize("old", [State.HELD, State.SPAM, State.REMOVED])
def test_publishing_counts_the_comment_once(site: Site, old: State) -> None:
    comment = rule(write(site), old)
    before = thread()
    version, count = before.version, before.count
    rule(comment, State.PUBLISHED)
    assert (thread().count, thread().version) == (count + 1, version + 1)
    assert stored(comment).conversation_size == 1


@pytest.mark.parametrize("new", [State.HELD, State.SPAM, State.REMOVED])
def test_taking_down_counts_it_no_more(site: Site, new: State) -> None:
    comment = write(site)
    version = thread().version
    rule(comment, new)
    assert (thread().count, thread().version) == (0, version + 1)
    assert stored(comment).conversation_size == 0


def test_moves_that_readers_do_not_see_leave_their_answers_fresh(site: Site) -> None:
    comment = write_held(site)
    version = thread().version
    rule(comment, State.SPAM)
    rule(comment, State.REMOVED)
    assert (thread().count, thread().version) == (0, version)


def test_a_decision_says_who_moved_what_where_and_why(site: Site) -> None:
    moderator, comment = ben(site), write_held(site)
    decide(comment.id, State.SPAM, Ruling(Entrance.DASHBOARD, moderator, "an advertisement"))
    kept = decision()
    assert (kept.comment_id, kept.moderator_id) == (comment.id, moderator.id)
    assert (kept.old_state, kept.new_state) == (State.HELD, State.SPAM)
    assert (kept.reason, kept.entrance) == ("an advertisement", Entrance.DASHBOARD)
    assert kept.decided_at.tzinfo is not None


def test_a_decision_that_changes_nothing_leaves_no_record(site: Site) -> None:
    comment = write(site)
    version = thread().version
    rule(comment, State.PUBLISHED)
    assert session().scalars(select(Decision)).all() == []
    assert thread().version == version


def test_a_reply_below_a_removed_comment_stays_and_is_counted(site: Site) -> None:
    root = write(site)
    write(site, parent=root.id)
    rule(root, State.REMOVED)
    assert (thread().count, stored(root).conversation_size) == (1, 1)


def test_an_unknown_comment_cannot_be_decided_on(site: Site) -> None:
    with pytest.raises(UnknownComment):
        decide(12345, State.PUBLISHED, Ruling(Entrance.CLI))


def test_what_its_author_took_back_cannot_be_published_again(site: Site) -> None:
    comment = write(site)
    delete(comment.id, WRITTEN_AT)
    version = thread().version
    with pytest.raises(Refused):
        rule(comment, State.PUBLISHED)
    assert stored(comment).state == State.REMOVED
    assert (thread().count, thread().version) == (0, version)
    assert len(session().scalars(select(Decision)).all()) == 1


def test_a_decision_outlives_its_moderators_account(site: Site) -> None:
    moderator, comment = ben(site), write_held(site)
    rule(comment, State.SPAM, moderator)
    current = session()
    current.delete(moderator)
    current.commit()
    assert decision().moderator_id is None


def stored(comment: Comment) -> Comment:
    """Return the comment as it stands on disk."""
    session().expire_all()
    return session().get_one(Comment, comment.id)


def thread() -> Thread:
    """Return the only thread as it stands on disk."""
    session().expire_all()
    return session().scalars(select(Thread)).one()


def decision() -> Decision:
    """Return the only decision as it stands on disk."""
    session().expire_all()
    return session().scalars(select(Decision)).one()
