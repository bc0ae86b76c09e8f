"""Erase comments for good: what was written, and all that was said about it."""

from collections.abc import Sequence

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from commentbox.actions.amend import changed
from commentbox.actions.moderate import BATCH, Ruling, comments_of, join, move_all
from commentbox.actions.threads import threads_of
from commentbox.db import atomic
from commentbox.models import Change, Comment, Decision, Event, Report, State, Thread, Vote
from commentbox.models.event import forget_words


def purge(numbers: Sequence[int], ruling: Ruling) -> int:
    """Erase comments with their reports, votes and the reasons of decisions; return how many.

    A row without words stays where it stood, so that replies keep their place, edit tokens stay
    spent and an import does not bring the comment back. This cannot be undone.
    """
    first, count = None, 0
    for start in range(0, len(numbers), BATCH):
        with atomic() as session:
            made = _purged(session, comments_of(session, numbers[start : start + BATCH]), ruling)
            first = join(session, made, first)
            count += len(made)
    return count


def _purged(session: Session, comments: Sequence[Comment], ruling: Ruling) -> list[Decision]:
    threads = threads_of(session, comments)
    alive = [comment for comment in comments if comment.state != State.REMOVED]
    move_all(session, [(comment, State.REMOVED) for comment in alive], ruling)
    session.flush()
    numbers = [comment.id for comment in comments]
    for noun in (Report, Vote):
        session.execute(delete(noun).where(noun.comment_id.in_(numbers)))
    session.execute(update(Event).where(Event.comment_id.in_(numbers)).values(facts={}))
    session.execute(
        update(Decision).where(Decision.comment_id.in_(numbers)).values(reason="", before=None)
    )
    for comment in comments:
        comment.purge()
        forget_words(session, comment)
        _unpin(threads[comment.thread_id], comment)
    return [
        changed(session, comment, Change.PURGED, Ruling(ruling.entrance, ruling.by))
        for comment in comments
    ]


def _unpin(thread: Thread, comment: Comment) -> None:
    if thread.pinned_id == comment.id and not comment.has_replies:
        thread.pinned_id = None
