"""An author's standing on a site, as far as it is proven who the author is."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from commentbox.models.comment import Comment, State


@dataclass(frozen=True)
class AuthorStanding:
    """What speaks for an author, and what against."""

    approved: int  # published comments, counted no further than asked
    has_spam: bool
    since: datetime  # when the first comment was written


def standing_of(session: Session, comment: Comment, approved_max: int) -> AuthorStanding:
    """Return the standing of a comment's author, by all comments that are provably the same one's."""
    is_theirs = or_(Comment.author_id == comment.author, Comment.id == comment.author)
    approved = select(Comment.id).where(is_theirs, Comment.state == State.PUBLISHED.value)
    count = select(func.count()).select_from(approved.limit(approved_max).subquery())
    spam = exists().where(is_theirs, Comment.state == State.SPAM.value)
    approved_count, has_spam = session.execute(
        select(count.scalar_subquery(), select(spam).scalar_subquery())
    ).one()
    first = session.get(Comment, comment.author) or comment
    return AuthorStanding(approved_count, bool(has_spam), first.created_at)
