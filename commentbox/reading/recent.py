"""The newest published comments of a site or a thread, for feeds."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from commentbox.db import moment
from commentbox.models import Comment, Site, State, Thread
from commentbox.questions import Question
from commentbox.reading import stored
from commentbox.reading.stored import thread_of_row

FEED_LENGTH = 50


class Entry(NamedTuple):
    """A comment as feeds tell it, its name and website as they were typed."""

    id: int
    name: str
    website: str
    html: str
    created_at: datetime
    edited_at: datetime | None


Entries = Sequence[tuple[Entry, Thread]]


def recent_of_site(session: Session, site: Site) -> Entries:
    """Return the newest comments of a site with their threads, newest first."""
    threads: dict[int, Thread] = {}
    entries = []
    for row in OF_SITE.ask(session, number=site.id):
        of_thread = row[COLUMNS:]
        if (thread := threads.get(of_thread[0])) is None:
            thread = threads[of_thread[0]] = thread_of_row(site.id, of_thread)
        entries.append((_entry(row), thread))
    return entries


def recent_of_thread(session: Session, thread: Thread) -> Entries:
    """Return the newest comments of a thread, newest first."""
    return [(_entry(row), thread) for row in OF_THREAD.ask(session, number=thread.id)]


def _entry(row: Sequence[Any]) -> Entry:
    number, name, website, html, created_at, edited_at = row[:COLUMNS]
    edited_at = moment(edited_at) if edited_at else None
    return Entry(number, name, website, html, moment(created_at), edited_at)


COLUMNS = len(Entry._fields)


def _newest(*further: Any) -> Select[Any]:
    columns = [getattr(Comment, name) for name in Entry._fields]
    # By the time when they were written: what was imported yesterday is no news.
    newest_first = Comment.created_at.desc(), Comment.id.desc()
    published = Comment.state == State.PUBLISHED.value
    chosen: Select[Any] = select(*columns, *further).where(published)
    return chosen.order_by(*newest_first).limit(FEED_LENGTH)


OF_SITE = Question(
    _newest(*stored.THREAD)
    .join(Thread, Thread.id == Comment.thread_id)
    .where(Comment.site_id == bindparam("number"))
)
OF_THREAD = Question(_newest().where(Comment.thread_id == bindparam("number")))
