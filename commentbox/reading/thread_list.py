"""A moderator's threads: all of them by page, and one with what belongs to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from commentbox import markup
from commentbox.models import Comment, Moderator, State, Thread, ThreadAlias
from commentbox.reading.decisions import ThreadDecided, view_thread_log
from commentbox.reading.queue import Answered, answered
from commentbox.reading.visible import on_sites_of, sites_of

PAGE_LENGTH = 50


@dataclass(frozen=True)
class ThreadPlace:
    """Which threads are asked for."""

    words: str = ""  # part of a title or a page's key
    site: str = ""  # a site's key
    is_closed: bool = False  # only those that take no more comments
    before: int | None = None  # a thread's number: older ones follow


@dataclass(frozen=True)
class ThreadEntry:
    """One thread in short."""

    id: int
    site: str
    site_name: str
    page: str
    title: str | None
    url: str | None  # a checked absolute address
    is_open: bool
    is_pinned: bool  # whether a conversation is pinned in it
    count: int
    held: int
    last_at: datetime | None  # when the last comment was written, whatever became of it


@dataclass(frozen=True)
class ThreadSheet:
    """One thread with its aliases, its pinned conversation and its decisions."""

    entry: ThreadEntry
    aliases: Sequence[str]
    pinned: Answered | None
    decisions: Sequence[ThreadDecided]


def view_threads(
    session: Session, moderator: Moderator, place: ThreadPlace
) -> tuple[Sequence[ThreadEntry], int | None]:
    """Return a page of threads, newest first, and the cursor of the next page."""
    query = select(Thread).where(on_sites_of(moderator, Thread.site_id))
    if place.words:
        part = "%" + place.words.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"
        query = query.where(
            or_(Thread.title.ilike(part, escape="\\"), Thread.key.ilike(part, escape="\\"))
        )
    if place.site:
        numbers = [s.id for s in sites_of(session, moderator) if s.key == place.site]
        query = query.where(Thread.site_id.in_(numbers))
    if place.is_closed:
        query = query.where(Thread.is_open.is_(False))
    if place.before is not None:
        query = query.where(Thread.id < place.before)
    threads = session.scalars(query.order_by(Thread.id.desc()).limit(PAGE_LENGTH + 1)).all()
    shown = threads[:PAGE_LENGTH]
    return _entries(session, shown), shown[-1].id if len(threads) > PAGE_LENGTH else None


def view_sheet(session: Session, moderator: Moderator, thread: Thread) -> ThreadSheet:
    """Return what a moderator who may see the thread finds on its page."""
    aliases = select(ThreadAlias.key).where(ThreadAlias.thread_id == thread.id)
    pinned = session.get(Comment, thread.pinned_id) if thread.pinned_id is not None else None
    decisions, _ = view_thread_log(session, moderator, thread_id=thread.id)
    return ThreadSheet(
        entry=_entries(session, [thread])[0],
        aliases=session.scalars(aliases.order_by(ThreadAlias.key)).all(),
        pinned=answered(pinned) if pinned else None,
        decisions=decisions,
    )


def _entries(session: Session, threads: Sequence[Thread]) -> list[ThreadEntry]:
    numbers = [thread.id for thread in threads]
    rows = session.execute(
        select(Comment.thread_id, func.count())
        .where(Comment.thread_id.in_(numbers), Comment.state == State.HELD.value)
        .group_by(Comment.thread_id)
    )
    held = dict(rows.all())
    written = session.execute(
        select(Comment.thread_id, func.max(Comment.created_at))
        .where(Comment.thread_id.in_(numbers))
        .group_by(Comment.thread_id)
    )
    last = dict(written.all())
    return [
        ThreadEntry(
            id=thread.id,
            site=thread.site.key,
            site_name=thread.site.name or thread.site.key,
            page=thread.key,
            title=markup.visible_name(thread.title or "") or None,
            url=markup.website_href(thread.url) if thread.url else None,
            is_open=thread.is_open,
            is_pinned=thread.pinned_id is not None,
            count=thread.count,
            held=held.get(thread.id, 0),
            last_at=last.get(thread.id),
        )
        for thread in threads
    ]
