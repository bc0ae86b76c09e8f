"""Decide on a comment: every change of its state goes through here."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from commentbox.actions.threads import root_of, thread_of
from commentbox.db import atomic
from commentbox.errors import UnknownComment
from commentbox.models import Comment, Decision, Entrance, Moderator, State
from commentbox.models.event import TYPE_OF_STATE, record


@dataclass(frozen=True)
class Ruling:
    """Who decides, by which entrance and why."""

    entrance: Entrance
    by: Moderator | None = None
    reason: str = ""


def decide(comment_id: int, to: State, ruling: Ruling) -> Comment:
    """Move a comment to a state and keep the decision. Raises UnknownComment and Refused.

    A comment that is already there stays as it is, so that two moderators who agree
    do not disturb each other.
    """
    with atomic() as session:
        comment = session.get(Comment, comment_id)
        if comment is None:
            raise UnknownComment
        move(session, comment, to, ruling)
        return comment


def move(session: Session, comment: Comment, to: State, ruling: Ruling) -> None:
    """Move a comment inside the caller's transaction, with counts, version and decision."""
    thread = thread_of(session, comment)
    was, was_published = comment.state, comment.is_published
    if was == to:
        return
    comment.move_to(to)
    if comment.is_published:
        thread.show(root_of(session, comment))
    elif was_published:
        thread.hide(root_of(session, comment))
    session.add(
        Decision(
            comment_id=comment.id,
            moderator_id=ruling.by.id if ruling.by else None,
            old_state=was,
            new_state=to.value,
            reason=ruling.reason,
            entrance=ruling.entrance.value,
        )
    )
    record(session, TYPE_OF_STATE[to], comment, old_state=was)
