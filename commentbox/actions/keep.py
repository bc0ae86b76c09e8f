"""Keep a comment as it is although readers reported it: their reports are answered by that."""

from commentbox.actions.amend import changed
from commentbox.actions.moderate import Ruling, settle_reports
from commentbox.actions.threads import thread_of
from commentbox.db import atomic
from commentbox.errors import UnknownComment
from commentbox.models import Change, Comment, Decision


def keep(comment_id: int, ruling: Ruling) -> Decision:
    """Answer all open reports of a comment. Raises UnknownComment."""
    with atomic() as session:
        comment = session.get(Comment, comment_id)
        if comment is None:
            raise UnknownComment
        thread_of(session, comment)
        decision = changed(session, comment, Change.KEPT, ruling)
        settle_reports(session, [decision])
        return decision
