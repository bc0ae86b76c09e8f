"""Find a page's thread to write to, held against other writers until the transaction ends."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from commentbox.models import Comment, Site, Thread, ThreadAlias


def thread_to_write(
    session: Session, site: Site, key: str, url: str | None, title: str | None
) -> Thread:
    """Return the thread of a page; its first comment makes it, with the page's address and title."""
    thread = _locked(session, site, key)
    if thread is not None:
        return thread
    try:
        with session.begin_nested():
            session.add(Thread(site_id=site.id, key=key, url=url, title=title))
    except IntegrityError:
        pass  # another first comment of the page was faster
    made = _locked(session, site, key)
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


def _locked(session: Session, site: Site, key: str) -> Thread | None:
    mine = select(Thread).with_for_update(of=Thread)
    by_key = mine.where(Thread.site_id == site.id, Thread.key == key)
    by_alias = mine.join(ThreadAlias, ThreadAlias.thread_id == Thread.id).where(
        ThreadAlias.site_id == site.id, ThreadAlias.key == key
    )
    return session.scalar(by_key) or session.scalar(by_alias)
