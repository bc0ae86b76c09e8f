"""Find a page's thread to write to, held against other writers until the transaction ends."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from commentbox.models import Comment, Site, Thread
from commentbox.models.thread import thread_with_key


def thread_to_write(session: Session, site: Site, key: str) -> Thread:
    """Return the thread of a page; its first comment makes it."""
    thread = thread_with_key(session, site, key, for_update=True)
    if thread is not None:
        return thread
    try:
        with session.begin_nested():
            session.add(Thread(site_id=site.id, key=key))
    except IntegrityError:
        pass  # another first comment of the page was faster
    made = thread_with_key(session, site, key, for_update=True)
    assert made is not None  # it was just made, by us or by the faster one
    return made


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
