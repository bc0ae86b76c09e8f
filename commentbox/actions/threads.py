"""Find what a deed works on, held against other writers until the transaction ends."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from commentbox.models import Comment, Thread


def thread_of(session: Session, comment: Comment) -> Thread:
    """Return a comment's thread, and the comment as it stands once the thread is held."""
    thread = session.scalars(
        select(Thread).where(Thread.id == comment.thread_id).with_for_update(of=Thread)
    ).one()
    session.refresh(comment)
    return thread


def root_of(session: Session, comment: Comment) -> Comment:
    """Return the comment that opens the conversation."""
    return session.get_one(Comment, comment.root_id)
