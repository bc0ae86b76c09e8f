"""The newest published comments of a site or a thread, for feeds."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from commentbox.models import Comment, Site, State, Thread

FEED_LENGTH = 50
NEWEST_FIRST = (Comment.created_at.desc(), Comment.id.desc())
"""By the time when they were written: what was imported yesterday is no news."""


def recent_of_site(session: Session, site: Site) -> Sequence[tuple[Comment, Thread]]:
    """Return the newest comments of a site with their threads, newest first."""
    rows = session.execute(
        select(Comment, Thread)
        .join(Thread, Thread.id == Comment.thread_id)
        .where(Comment.site_id == site.id, Comment.state == State.PUBLISHED.value)
        .order_by(*NEWEST_FIRST)
        .limit(FEED_LENGTH)
    )
    return [(comment, thread) for comment, thread in rows]


def recent_of_thread(session: Session, thread: Thread) -> Sequence[tuple[Comment, Thread]]:
    """Return the newest comments of a thread, newest first."""
    comments = session.scalars(
        select(Comment)
        .where(Comment.thread_id == thread.id, Comment.state == State.PUBLISHED.value)
        .order_by(*NEWEST_FIRST)
        .limit(FEED_LENGTH)
    )
    return [(comment, thread) for comment in comments]
