"""Move a thread to another page; the old key stays its alias, so that old links and embeds work."""

from urllib.parse import urlsplit

from sqlalchemy import Delete, delete, select
from sqlalchemy.orm import Session

from commentbox.actions.deed import keep_deed
from commentbox.actions.moderate import Ruling
from commentbox.db import atomic
from commentbox.errors import FieldError, InvalidFields, UnknownThread
from commentbox.models import Deed, Site, Thread, ThreadAlias
from commentbox.models.page_key import explicit_key
from commentbox.models.thread import thread_with_key
from commentbox.origins import origin_of

FIELD = "page"


class Occupied(InvalidFields):
    """The page has a thread of its own: the two can be merged. ``thread_id`` is that thread's."""

    def __init__(self, thread_id: int) -> None:
        self.thread_id = thread_id
        super().__init__(
            FieldError(FIELD, "occupied", "This page has comments of its own: merge the threads.")
        )


def relocate(thread_id: int, page: str, ruling: Ruling) -> Thread:
    """Move a thread to a page, named by its id or by an address of one of the site's origins.

    Raises UnknownThread, InvalidFields for what is no page of the site, and Occupied.
    """
    with atomic() as session:
        thread = held_thread(session, thread_id)
        key = key_of_page(thread.site, page)
        there = thread_with_key(session, thread.site, key, for_update=True)
        if there is not None and there.id != thread.id:
            raise Occupied(there.id)
        if key != thread.key:
            old, thread.key = thread.key, key
            session.execute(_alias(thread, key))
            session.add(ThreadAlias(site_id=thread.site_id, key=old, thread_id=thread.id))
            keep_deed(session, thread, Deed.MOVED, ruling, **{"from": old, "to": key})
        thread.url = _address(thread, page)
        thread.touch()
        return thread


def held_thread(session: Session, thread_id: int) -> Thread:
    """Return a thread, held against other writers. Raises UnknownThread."""
    thread = session.scalar(select(Thread).where(Thread.id == thread_id).with_for_update(of=Thread))
    if thread is None:
        raise UnknownThread
    return thread


def key_of_page(site: Site, page: str) -> str:
    """Return the key of a page of the site as somebody types it. Raises InvalidFields."""
    origin = origin_of(page)
    if not page.strip() or (origin is not None and not site.has_origin(origin)):
        raise InvalidFields(
            FieldError(FIELD, "not_a_page", "Please write the page's address on this site.")
        )
    return explicit_key(page)


def _alias(thread: Thread, key: str) -> Delete:
    return delete(ThreadAlias).where(ThreadAlias.thread_id == thread.id, ThreadAlias.key == key)


def _address(thread: Thread, page: str) -> str | None:
    """Return where the page is, as far as it can be known."""
    if origin_of(page) is not None:
        return page.strip()
    if not (page.startswith("/") and thread.url):
        return None
    parts = urlsplit(thread.url)
    return f"{parts.scheme}://{parts.netloc}{page.strip()}"
