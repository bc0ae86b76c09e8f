"""Take an import back: all that came from one source, but for what somebody has answered here."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from commentbox.db import atomic
from commentbox.db import session as current_session
from commentbox.models import Comment, Site, State, Thread, ThreadDecision
from commentbox.models.site import site_with_key

BATCH = 200


@dataclass
class Retracted:
    """What was taken back, or would be."""

    comments: int = 0
    pages: int = 0
    kept: int = 0  # comments of conversations that somebody took part in here


def retract(site_key: str, source: str, *, is_dry_run: bool = False) -> Retracted:
    """Delete the conversations of a source in which nobody took part here, and pages left empty.

    Stopped, it goes on where it was; imported again, everything comes back. Raises UnknownSite.
    """
    site = site_with_key(current_session(), site_key)
    done, last = Retracted(), 0
    while roots := _roots(site, source, last):
        last = roots[-1]
        mixed = _mixed(roots, source)
        done.kept += _count(roots=mixed, source=source)
        whole = [root for root in roots if root not in mixed]
        done.comments += _count(roots=whole, source=source)
        if whole and not is_dry_run:
            with atomic() as session:
                done.pages += _delete(session, whole)
    current_session().expire_all()
    return done


def _roots(site: Site, source: str, after: int) -> list[int]:
    query = select(Comment.root_id).where(
        Comment.site_id == site.id, Comment.source == source, Comment.root_id > after
    )
    found = current_session().scalars(query.distinct().order_by(Comment.root_id).limit(BATCH))
    return [root for root in found if root is not None]


def _mixed(roots: Sequence[int], source: str) -> set[int]:
    elsewhere = or_(Comment.source.is_(None), Comment.source != source)
    query = select(Comment.root_id).where(Comment.root_id.in_(roots), elsewhere).distinct()
    return {root for root in current_session().scalars(query) if root is not None}


def _count(*, roots: Sequence[int] | set[int], source: str) -> int:
    query = select(func.count()).where(Comment.root_id.in_(roots), Comment.source == source)
    return current_session().scalar(query) or 0 if roots else 0


def _delete(session: Session, roots: Sequence[int]) -> int:
    """Delete conversations and the pages that they leave empty; return how many pages."""
    of_roots = Comment.root_id.in_(roots)
    numbers = list(session.scalars(select(Comment.thread_id).where(of_roots).distinct()))
    threads = session.scalars(
        select(Thread).where(Thread.id.in_(numbers)).order_by(Thread.id).with_for_update(of=Thread)
    ).all()
    quietly = {"synchronize_session": False}
    session.execute(
        update(Comment).where(of_roots).values(parent_id=None), execution_options=quietly
    )
    session.execute(delete(Comment).where(of_roots), execution_options=quietly)
    pages = 0
    for thread in threads:
        if _is_of_use(session, thread):
            published = (Comment.thread_id == thread.id, Comment.state == State.PUBLISHED.value)
            thread.count = session.scalar(select(func.count()).where(*published)) or 0
            if thread.pinned_id in roots:
                thread.pinned_id = None
            thread.touch()
        else:
            session.delete(thread)
            pages += 1
    return pages


def _is_of_use(session: Session, thread: Thread) -> bool:
    """Whether a page has comments, or somebody did something to it."""
    if thread.is_described:
        return True
    left = (
        select(Comment.id).where(Comment.thread_id == thread.id),
        select(ThreadDecision.id).where(ThreadDecision.thread_id == thread.id),
    )
    return any(session.scalar(query.limit(1)) is not None for query in left)
