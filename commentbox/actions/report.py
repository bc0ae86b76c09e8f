"""Report a comment to its moderators."""

from datetime import datetime

from commentbox.actions.threads import thread_of
from commentbox.db import atomic
from commentbox.errors import UnknownComment
from commentbox.models import Comment, EventType, Report
from commentbox.models.event import record
from commentbox.models.network import network_token


def report(comment_id: int, reason: str, address: str, at: datetime) -> None:
    """Keep a reader's report of a published comment. Raises UnknownComment."""
    with atomic() as session:
        comment = session.get(Comment, comment_id)
        if comment is None or not comment.is_published:
            raise UnknownComment
        thread_of(session, comment)  # who reports twice at once waits for himself
        network = network_token(session, address, at.date())
        session.merge(Report(comment_id=comment_id, network=network, reason=reason, reported_at=at))
        record(session, EventType.COMMENT_REPORTED, comment, at, reason=reason)
