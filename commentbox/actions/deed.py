"""Keep a decision on a thread, for the log."""

from sqlalchemy.orm import Session

from commentbox.actions.moderate import Ruling
from commentbox.models import Deed, Thread, ThreadDecision


def keep_deed(
    session: Session, thread: Thread, deed: Deed, ruling: Ruling, **facts: object
) -> None:
    """Write down who did what to a thread, inside the caller's transaction."""
    session.flush()
    session.add(
        ThreadDecision(
            site_id=thread.site_id,
            thread_id=thread.id,
            moderator_id=ruling.by.id if ruling.by else None,
            deed=deed.value,
            facts=facts,
            entrance=ruling.entrance.value,
        )
    )
