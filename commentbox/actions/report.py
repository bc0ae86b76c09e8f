"""Report a comment to its moderators."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from commentbox.actions.moderate import Ruling, move
from commentbox.actions.threads import thread_of
from commentbox.db import atomic
from commentbox.errors import UnknownComment
from commentbox.models import Comment, Decision, Entrance, EventType, Report, State
from commentbox.models.event import record
from commentbox.models.network import network_token

BY_READERS = Ruling(Entrance.RULE, reason="reports")


def report(comment_id: int, reason: str, address: str, at: datetime) -> None:
    """Keep a reader's report of a published comment. Raises UnknownComment.

    With as many as the site's ``reports_to_hold`` it waits for a moderator; who approves it then
    has seen them, so that it takes as many new ones to hold it again.
    """
    with atomic() as session:
        comment = session.get(Comment, comment_id)
        if comment is None or not comment.is_published:
            raise UnknownComment
        thread = thread_of(session, comment)  # who reports twice at once waits for himself
        network = network_token(session, address, at.date())
        session.merge(
            Report(
                comment_id=comment_id,
                network=network,
                reason=reason,
                reported_at=at,
                decision_id=None,  # also where an earlier one was answered
            )
        )
        record(session, EventType.COMMENT_REPORTED, comment, at, reason=reason)
        threshold = thread.site.reports_to_hold
        if threshold and comment.is_published and _unseen(session, comment) >= threshold:
            move(session, comment, State.HELD, BY_READERS)


def _unseen(session: Session, comment: Comment) -> int:
    """Return how many networks have reported the comment since a moderator decided on it."""
    session.flush()
    decided_at = session.scalar(
        select(func.max(Decision.decided_at)).where(
            Decision.comment_id == comment.id,
            Decision.entrance.not_in((Entrance.RULE.value, Entrance.AUTHOR.value)),
        )
    )
    reports = select(func.count()).select_from(Report).where(Report.comment_id == comment.id)
    if decided_at is not None:
        reports = reports.where(Report.reported_at > decided_at)
    return session.scalar(reports) or 0
