"""An author's standing on a site, as far as it is proven who the author is."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, or_, select, union
from sqlalchemy.orm import Session

from commentbox.models.address_proof import AddressProof
from commentbox.models.comment import Comment, State
from commentbox.models.subscription import address_digest


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


def standing_with_address(session: Session, comment: Comment) -> AuthorStanding:
    """Return the standing that a comment's author has once its address is proven for it.

    Then all comments count for and against the author of which the address was proven, too. Those
    that merely came with the address count for nothing: anybody could have typed it.
    """
    columns = (Comment.id, Comment.state, Comment.created_at)
    proven = select(*columns).join(AddressProof, AddressProof.comment_id == Comment.id)
    theirs = union(
        select(*columns).where(Comment.id == comment.author),
        select(*columns).where(Comment.author_id == comment.author),
        proven.where(
            AddressProof.site_id == comment.site_id,
            AddressProof.digest == address_digest(comment.email),
        ),
    ).subquery()
    is_approved = theirs.c.state == State.PUBLISHED.value
    approved, spam, since = session.execute(
        select(
            func.count().filter(is_approved),
            func.count().filter(theirs.c.state == State.SPAM.value),
            func.min(theirs.c.created_at).filter(is_approved),
        )
    ).one()
    return AuthorStanding(approved, spam > 0, since or comment.created_at)
