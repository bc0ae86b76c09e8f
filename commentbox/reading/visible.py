"""What a moderator may see: every question and every look-up of the dashboard begins here.

What belongs to somebody else's site is not found, as if it did not exist.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from commentbox.models import Comment, Decision, Moderator, Site, Thread, ThreadDecision


def on_sites_of(
    moderator: Moderator, column: InstrumentedAttribute[int] = Comment.site_id
) -> ColumnElement[bool]:
    """Return the condition that a row belongs to a site of the moderator's."""
    sites = {membership.site_id for membership in moderator.memberships}
    return true() if None in sites else column.in_(sites)


def sites_of(session: Session, moderator: Moderator) -> Sequence[Site]:
    """Return the sites that the moderator decides on, by name."""
    sites = session.scalars(select(Site).where(on_sites_of(moderator, Site.id)))
    return sorted(sites, key=lambda site: (site.name or site.key).casefold())


def find_comment(session: Session, moderator: Moderator, comment_id: int) -> Comment | None:
    """Return a comment of the moderator's sites."""
    return session.scalar(select(Comment).where(Comment.id == comment_id, on_sites_of(moderator)))


def find_thread(session: Session, moderator: Moderator, thread_id: int) -> Thread | None:
    """Return a thread of the moderator's sites."""
    return session.scalar(
        select(Thread).where(Thread.id == thread_id, on_sites_of(moderator, Thread.site_id))
    )


def find_decision(session: Session, moderator: Moderator, decision_id: int) -> Decision | None:
    """Return a decision on a comment of the moderator's sites."""
    return session.scalar(
        select(Decision)
        .join(Comment, Comment.id == Decision.comment_id)
        .where(Decision.id == decision_id, on_sites_of(moderator))
    )


def find_thread_decision(
    session: Session, moderator: Moderator, decision_id: int
) -> ThreadDecision | None:
    """Return a decision on a thread of the moderator's sites."""
    return session.scalar(
        select(ThreadDecision).where(
            ThreadDecision.id == decision_id, on_sites_of(moderator, ThreadDecision.site_id)
        )
    )
