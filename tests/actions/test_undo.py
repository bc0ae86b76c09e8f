"""Whatever a moderator does can be taken back, and then everything is as it was."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from commentbox import clock
from commentbox.actions.amend import Words, amend
from commentbox.actions.keep import keep
from commentbox.actions.moderate import BATCH, Ruling, decide_all
from commentbox.actions.purge import purge
from commentbox.actions.report import report
from commentbox.actions.undo import undo
from commentbox.db import atomic, session
from commentbox.errors import UnknownComment
from commentbox.models import Change, Comment, Decision, Entrance, Report, Site, State
from commentbox.models.thread import thread_with_key
from commentbox.reading.pages import Place
from commentbox.reading.threads import view_thread
from commentbox.reading.view import CommentView
from tests.factories import PAGE, WRITTEN_AT, ben, rule, with_policy, write, write_chain, write_held

LATER = WRITTEN_AT + timedelta(hours=1)


@pytest.fixture
def by(site: Site) -> Ruling:
    """Return Ben's ruling in the dashboard."""
    return Ruling(Entrance.DASHBOARD, ben(site))


@pytest.mark.parametrize("to", [State.HELD, State.SPAM, State.REMOVED])
def test_what_readers_saw_is_there_again_with_its_replies(
    site: Site, by: Ruling, to: State
) -> None:
    root, reply, _deepest = write_chain(site, 3)
    before = seen(site)
    batch = decide_all([root.id, reply.id], to, by)
    assert seen(site) != before
    undone = undo(number(batch.batch_id), by)
    assert (undone.count, undone.skipped) == (2, 0)
    assert seen(site) == before


def test_an_undone_undo_is_what_was_decided_first(site: Site, by: Ruling) -> None:
    comment = write(site)
    first = decide_all([comment.id], State.SPAM, by)
    again = undo(number(undo(number(first.batch_id), by).batch_id), by)
    assert again.count == 1
    assert stored(comment).state == State.SPAM


def test_who_decided_later_is_not_overruled(site: Site, by: Ruling) -> None:
    one, other = write_held(site), write_held(site)
    batch = decide_all([one.id, other.id], State.SPAM, by)
    rule(other, State.PUBLISHED)
    undone = undo(number(batch.batch_id), by)
    assert (undone.count, undone.skipped) == (1, 1)
    assert (stored(one).state, stored(other).state) == (State.HELD, State.PUBLISHED)


@pytest.mark.long
def test_many_are_decided_on_and_undone_together(site: Site, by: Ruling) -> None:
    held = [write_held(site) for _ in range(BATCH + 3)]
    batch = decide_all([comment.id for comment in held], State.PUBLISHED, by)
    assert batch.count == len(held)
    assert len(seen(site)) == min(len(held), site.page_size)
    undone = undo(number(batch.batch_id), by)
    assert (undone.count, undone.skipped) == (len(held), 0)
    assert seen(site) == ()


def test_a_batch_passes_over_what_is_there_already_or_gone(site: Site, by: Ruling) -> None:
    spam, held = rule(write(site), State.SPAM), write_held(site)
    batch = decide_all([spam.id, held.id, held.id, 10**9], State.SPAM, by)
    assert batch.count == 1
    assert decide_all([spam.id], State.SPAM, by).batch_id is None
    purge([spam.id], by)
    assert decide_all([spam.id], State.PUBLISHED, by).batch_id is None


def test_an_edit_is_undone_to_the_letter(site: Site, by: Ruling) -> None:
    comment = write(site, text="*Before*", name="Noor")
    before = seen(site)
    made = amend(comment.id, Words("After", "N.", "https://noor.example"), by, LATER)
    assert made
    assert (made.change, made.old_state, made.new_state) == (
        Change.EDITED,
        "published",
        "published",
    )
    changed = stored(comment)
    assert (changed.text, changed.name, changed.edited_at) == ("After", "N.", LATER)
    undo(made.id, by)
    assert seen(site) == before
    assert stored(comment).edited_at is None


def test_an_edit_that_changes_nothing_leaves_no_trace(site: Site, by: Ruling) -> None:
    comment = write(site, text="Same", name="Noor")
    assert amend(comment.id, Words("Same", "Noor", ""), by, LATER) is None
    assert decisions() == []


def test_reports_are_answered_by_a_decision_and_open_again_when_it_is_undone(
    site: Site, by: Ruling
) -> None:
    comment = write(site)
    report(comment.id, "Advertisement", "192.0.2.1", WRITTEN_AT)
    kept = keep(comment.id, by)
    assert open_reports() == []
    undo(kept.id, by)
    assert open_reports() == ["Advertisement"]
    spam = decide_all([comment.id], State.SPAM, by)
    assert open_reports() == []
    undo(number(spam.batch_id), by)
    assert open_reports() == ["Advertisement"]


def test_what_readers_report_is_answered_by_people_not_by_the_rule_that_holds_it(
    site: Site,
) -> None:
    comment = write(with_policy(site, reports_to_hold=2))
    for number in (1, 2):
        report(comment.id, f"Report {number}", f"192.0.2.{number}", WRITTEN_AT)
    assert stored(comment).state == State.HELD
    assert open_reports() == ["Report 1", "Report 2"]


def test_who_reports_again_after_the_answer_is_heard_again(site: Site, by: Ruling) -> None:
    comment = write(site)
    report(comment.id, "First", "192.0.2.1", WRITTEN_AT)
    keep(comment.id, by)
    report(comment.id, "Second", "192.0.2.1", clock.now())
    assert open_reports() == ["Second"]


def test_what_was_purged_is_gone_for_good(site: Site, by: Ruling) -> None:
    root = write(site, text="Secret", name="Noor")
    write(site, parent=root.id, text="A reply stays.")
    report(root.id, "Said secretly", "192.0.2.1", WRITTEN_AT)
    edited = amend(root.id, Words("Open", "Noor", ""), by, LATER)
    spam = decide_all([root.id], State.SPAM, Ruling(Entrance.DASHBOARD, by.by, "Noor again"))
    assert purge([root.id], by) == 1
    left = stored(root)
    assert (left.name, left.email, left.text, left.html, left.network) == ("",) * 5
    assert [(d.reason, d.before) for d in decisions()] == [("", None)] * len(decisions())
    assert decisions()[-1].change == Change.PURGED
    assert session().scalars(select(Report)).all() == []
    for decision_id in (number(edited and edited.id), number(spam.batch_id), decisions()[-1].id):
        assert undo(decision_id, by).count == 0
    (placeholder,) = seen(site)
    assert (placeholder.state, placeholder.name) == ("removed", "")
    assert "A reply stays." in placeholder.replies[0].html


def test_an_unknown_decision_cannot_be_undone(site: Site, by: Ruling) -> None:
    with pytest.raises(UnknownComment):
        undo(1, by)


def seen(site: Site) -> tuple[CommentView, ...]:
    """Return what readers see of the page."""
    session().rollback()
    session().expire_all()
    thread = thread_with_key(session(), site, PAGE)
    return view_thread(session(), site, thread, PAGE, Place()).comments


def stored(comment: Comment) -> Comment:
    with atomic() as current:
        return current.get_one(Comment, comment.id)


def decisions() -> list[Decision]:
    with atomic() as current:
        return list(current.scalars(select(Decision).order_by(Decision.id)))


def open_reports() -> list[str]:
    with atomic() as current:
        return list(current.scalars(select(Report.reason).where(Report.decision_id.is_(None))))


def number(given: int | None) -> int:
    assert given is not None
    return given
