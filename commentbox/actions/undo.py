"""Undo a decision, or all decisions of a batch: each comment is again as it was before."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from commentbox.actions.amend import changed, put_wording, wording_of
from commentbox.actions.moderate import BATCH, Ruling, comments_of, join, move_all
from commentbox.actions.threads import threads_of
from commentbox.db import atomic
from commentbox.errors import UnknownComment
from commentbox.models import Change, Comment, Decision, EventType, Report, State
from commentbox.models.event import record


@dataclass(frozen=True)
class Undone:
    """What an undo came to."""

    batch_id: int | None  # of the decisions that undid; None when there was nothing to undo
    count: int
    skipped: int  # decided on again meanwhile, or purged: these stay as they are


def undo(decision_id: int, ruling: Ruling) -> Undone:
    """Take back a decision, with all others of its batch. Raises UnknownComment.

    Only the last decision on a comment can be taken back, so that nothing of what came after is
    lost, and of a batch over several sites a moderator undoes what is on their own. Undoing is a
    decision as well: undone itself, the first one counts again.
    """
    with atomic() as session:
        decision = session.get(Decision, decision_id)
        if decision is None:
            raise UnknownComment
        of_batch = select(Decision.id).where(Decision.batch_id == decision.batch_id)
        numbers = (
            [decision.id]
            if decision.batch_id is None
            else list(session.scalars(of_batch.order_by(Decision.id)))
        )
    first, count = None, 0
    for start in range(0, len(numbers), BATCH):
        with atomic() as session:
            made = _undone(session, numbers[start : start + BATCH], ruling)
            first = join(session, made, first)
            count += len(made)
    return Undone(first, count, len(numbers) - count)


def _undone(session: Session, numbers: Sequence[int], ruling: Ruling) -> list[Decision]:
    decisions = list(session.scalars(select(Decision).where(Decision.id.in_(numbers))))
    by_comment = {decision.comment_id: decision for decision in decisions}
    comments = [
        comment
        for comment in comments_of(session, list(by_comment))
        if ruling.by is None or ruling.by.decides_on(comment.site_id)
    ]
    threads = threads_of(session, comments)
    last = _last_decisions(session, comments)
    pairs = [
        (comment, decision)
        for comment in comments
        if (decision := by_comment[comment.id]).id == last[comment.id] and not comment.is_erased
    ]
    moved = [pair for pair in pairs if pair[1].change == Change.MOVED]
    made = move_all(session, [(c, State(d.old_state)) for c, d in moved], ruling)
    for comment, decision in pairs:
        if decision.change == Change.EDITED and decision.before:
            before = wording_of(comment)
            put_wording(comment, decision.before)
            record(session, EventType.COMMENT_EDITED, comment)
            threads[comment.thread_id].touch()
            made.append(changed(session, comment, Change.EDITED, ruling, before))
        elif decision.change == Change.KEPT:
            made.append(changed(session, comment, Change.KEPT, ruling))
    session.flush()
    for decision in made:
        decision.undoes_id = by_comment[decision.comment_id].id
    _open_reports_again(session, [decision.id for _comment, decision in pairs])
    return made


def _last_decisions(session: Session, comments: Sequence[Comment]) -> dict[int, int]:
    rows = session.execute(
        select(Decision.comment_id, func.max(Decision.id))
        .where(Decision.comment_id.in_([comment.id for comment in comments]))
        .group_by(Decision.comment_id)
    )
    return dict(rows.all())


def _open_reports_again(session: Session, numbers: Sequence[int]) -> None:
    session.execute(
        update(Report)
        .where(Report.decision_id.in_(numbers))
        .values(decision_id=None)
        .execution_options(synchronize_session=False)
    )
