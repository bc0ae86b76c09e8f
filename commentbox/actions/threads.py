"""Find what a deed works on, held against other writers until the transaction ends."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from commentbox.models import Comment, Thread
from commentbox.rows import find


def thread_of(session: Session, comment: Comment) -> Thread:
    """Return a comment's thread, and the comment as it stands once the thread is held."""
    while True:
        thread = session.scalar(
            select(Thread).where(Thread.id == comment.thread_id).with_for_update(of=Thread)
        )
        session.refresh(comment)
        # While we waited for it, the thread may have been merged into another.
        if thread is not None and comment.thread_id == thread.id:
            return thread


def threads_of(session: Session, comments: Sequence[Comment]) -> dict[int, Thread]:
    """Return the threads of comments by number, and the comments as they stand once these are held.

    Held in one order by everybody, so that nobody waits for who waits for them.
    """
    wanted = [comment.id for comment in comments] + [comment.root_id for comment in comments]
    by_number: dict[int, Thread] = {}
    while numbers := {comment.thread_id for comment in comments} - by_number.keys():
        threads = session.scalars(
            select(Thread)
            .where(Thread.id.in_(numbers))
            .order_by(Thread.id)
            .with_for_update(of=Thread)
        )
        by_number |= {thread.id: thread for thread in threads}
        # While we waited, some may have been merged into others: then these are held as well.
        session.scalars(
            select(Comment).where(Comment.id.in_(wanted)).execution_options(populate_existing=True)
        ).all()
    return {number: by_number[number] for number in {comment.thread_id for comment in comments}}


def root_of(session: Session, comment: Comment) -> Comment:
    """Return the comment that opens the conversation."""
    root = find(session, Comment, comment.root_id) if comment.root_id else None
    assert root is not None  # it leaves only with all of its conversation
    return root
