"""Decide on comments: every change of a comment's state goes through here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from commentbox.actions.threads import root_of, thread_of, threads_of
from commentbox.db import atomic
from commentbox.errors import Refused, UnknownComment
from commentbox.models import Comment, Decision, Entrance, Moderator, Report, State, Thread
from commentbox.models.event import TYPE_OF_STATE, record

BATCH = 200
"""So many comments are decided on in one transaction: others who write wait no longer than that."""


@dataclass(frozen=True)
class Ruling:
    """Who decides, by which entrance and why."""

    entrance: Entrance
    by: Moderator | None = None
    reason: str = ""


class WordsChanged(Refused):
    """The comment says something else than what was looked at."""

    code = "words_changed"
    message = "The comment was changed while you looked at it: nothing was decided. Look once more."


Seen = Mapping[int, bytes]
"""The digests of the words that somebody looked at, by their comments' numbers."""


def decide(comment_id: int, to: State, ruling: Ruling, seen: bytes | None = None) -> Comment:
    """Move a comment to a state and keep the decision. Raises UnknownComment and Refused.

    A comment that is already there stays as it is, so that two moderators who agree
    do not disturb each other. With ``seen``, the digest of the words that were looked at, no others
    are decided on: raises WordsChanged.
    """
    with atomic() as session:
        comment = session.get(Comment, comment_id)
        if comment is None:
            raise UnknownComment
        if seen is not None:
            thread_of(session, comment)
            if comment.text_digest != seen:
                raise WordsChanged
        move(session, comment, to, ruling)
        return comment


@dataclass(frozen=True)
class Decided:
    """What became of many comments: the number of the batch's first decision, and how many moved."""

    batch_id: int | None  # None when nothing was left to do
    count: int


def decide_all(
    numbers: Sequence[int], to: State, ruling: Ruling, seen: Seen | None = None
) -> Decided:
    """Move many comments to a state, as decisions that can be undone together.

    What is already there, is gone or was erased stays as it is, and so does what says something
    else by now than it did when it was ``seen``. Works in transactions of ``BATCH`` comments, in the order given.
    """
    first, count = None, 0
    for start in range(0, len(numbers), BATCH):
        with atomic() as session:
            comments = comments_of(session, numbers[start : start + BATCH])
            if seen is not None:
                threads_of(session, comments)
                comments = [c for c in comments if seen.get(c.id, c.text_digest) == c.text_digest]
            made = move_all(session, [(comment, to) for comment in comments], ruling)
            first = join(session, made, first)
            count += len(made)
    return Decided(first, count)


def join(session: Session, decisions: Sequence[Decision], batch_id: int | None) -> int | None:
    """Make decisions part of a batch, or the beginning of one, and return its number."""
    if not decisions:
        return batch_id
    session.flush()
    number = decisions[0].id if batch_id is None else batch_id
    for decision in decisions:
        decision.batch_id = number
    return number


def move(session: Session, comment: Comment, to: State, ruling: Ruling) -> Decision | None:
    """Move a comment inside the caller's transaction, with counts, version and decision.

    Returns None where the comment is already there. Raises Refused.
    """
    thread = thread_of(session, comment)
    if comment.state == to:
        return None
    decision = _moved(session, thread, comment, to, ruling)
    settle_reports(session, [decision])
    return decision


def move_all(
    session: Session, moves: Sequence[tuple[Comment, State]], ruling: Ruling
) -> list[Decision]:
    """Move comments inside the caller's transaction, as ``move`` does with each of them.

    Those that are already there, or where nothing is left to move, stay as they are.
    """
    threads = threads_of(session, [comment for comment, _to in moves])
    made = []
    for comment, to in moves:
        if comment.state != to and not comment.is_erased:
            made.append(_moved(session, threads[comment.thread_id], comment, to, ruling))
    settle_reports(session, made)
    return made


def settle_reports(session: Session, decisions: Sequence[Decision]) -> None:
    """Let what readers reported be answered by the decisions of people; a rule answers nobody."""
    numbers = [d.comment_id for d in decisions if d.entrance != Entrance.RULE]
    if not numbers:
        return
    session.flush()
    answer = (
        select(func.max(Decision.id))
        .where(Decision.comment_id == Report.comment_id)
        .scalar_subquery()
    )
    session.execute(
        update(Report)
        .where(Report.comment_id.in_(numbers), Report.decision_id.is_(None))
        .values(decision_id=answer)
        .execution_options(synchronize_session=False)
    )


def _moved(
    session: Session, thread: Thread, comment: Comment, to: State, ruling: Ruling
) -> Decision:
    was, was_published = comment.state, comment.is_published
    comment.move_to(to)
    if comment.is_published:
        thread.show(root_of(session, comment))
    elif was_published:
        thread.hide(root_of(session, comment))
    decision = Decision(
        comment_id=comment.id,
        moderator_id=ruling.by.id if ruling.by else None,
        old_state=was,
        new_state=to.value,
        reason=ruling.reason,
        entrance=ruling.entrance.value,
    )
    session.add(decision)
    record(session, TYPE_OF_STATE[to], comment, old_state=was)
    return decision


def comments_of(session: Session, numbers: Sequence[int]) -> list[Comment]:
    """Return comments in the order in which they are asked for, without those that are gone."""
    by_number = {c.id: c for c in session.scalars(select(Comment).where(Comment.id.in_(numbers)))}
    return [by_number[number] for number in dict.fromkeys(numbers) if number in by_number]
