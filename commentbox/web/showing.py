"""A thread or a comment, asked for by HTTP, as a view: shared by fragment, hosted page and JSON."""

import zlib
from dataclasses import replace

from commentbox.__about__ import __version__
from commentbox.db import session
from commentbox.errors import FieldError, InvalidFields
from commentbox.models import Comment, Site, State, Thread
from commentbox.models.thread import thread_with_key
from commentbox.reading.basis import Basis, basis_of_thread, thread_of_basis
from commentbox.reading.pages import SORTS, Place
from commentbox.reading.threads import view_comment, view_thread
from commentbox.reading.view import CommentView, ThreadView
from commentbox.web.engine import current_engine, mount_path, public_origin
from commentbox.web.finding import parent_of, thread_of
from commentbox.web.links import thread_path
from commentbox.web.parse import Fields, PageFields

CURSOR_MAX_CHARS = 80


def asked_place(fields: Fields) -> Place:
    """Return which page of a thread the parameters ask for. Raises InvalidFields."""
    sort = fields.line("sort", 20) or SORTS[0]
    if sort not in SORTS:
        raise InvalidFields(
            FieldError("sort", "invalid", "Sort by %(known)s.", {"known": ", ".join(SORTS)})
        )
    return Place(
        sort=sort,
        after=fields.line("after", CURSOR_MAX_CHARS) or None,
        before=fields.line("before", CURSOR_MAX_CHARS) or None,
        comment=fields.line("comment", 2000),
    )


def thread_of_page(site: Site, page: PageFields) -> Thread | None:
    """Return the thread of a page, None before its first comment."""
    return thread_with_key(session(), site, page.key)


def thread_to_show(site: Site, page: PageFields) -> tuple[Thread | None, Basis]:
    """Return the thread of a page with the basis of what shows it; it may belong to no session."""
    basis = basis_of_thread(site, page.key, current_engine().front.ask)
    return thread_of_basis(site, basis) if basis.is_firm else thread_of_page(site, page), basis


def shown_thread(site: Site, thread: Thread | None, page: PageFields, place: Place) -> ThreadView:
    """Return a page of a thread, with the asker's own address of a page that none is known of."""
    view = view_thread(session(), site, thread, page.key, place)
    if thread is None or not thread.is_told:
        view = replace(view, url=page.url)
    policy = replace(view.policy, replies_by_mail=current_engine().settings.sends_mail)
    return replace(view, action=thread_path(site), policy=policy)


def shown_comment(comment: Comment) -> CommentView:
    """Return a comment as its author sees it; that it was taken for spam is nobody's business."""
    view = view_comment(comment, thread_of(comment), parent_of(comment))
    return view._replace(state=State.HELD.value) if view.state == State.SPAM else view


def thread_etag(site: Site, thread: Thread | None) -> str:
    """Return what changes whenever an answer made of this thread does, for one address and release."""
    # The number of a thread that is gone may be given again.
    made_at = int(thread.created_at.timestamp() * 1_000_000) if thread else 0
    return site_etag(site, f"{thread.id}.{made_at:x}.{thread.version}" if thread else "0")


def site_etag(site: Site, version: str) -> str:
    """Return the same of an answer that is made of a site and what has this version."""
    sends_mail = current_engine().settings.sends_mail  # the form shows it
    address = zlib.crc32(f"{public_origin()}{mount_path()}{sends_mail:d}".encode())
    return f"{__version__}-{site.id}.{site.version}-{version}-{address:x}"


def asked_heading(fields: Fields) -> int:
    """Return the level of the thread's own heading that the page wants, 1 to 4, usually 2."""
    asked = str(fields.values.get("heading", "2"))
    return int(asked) if asked in ("1", "2", "3", "4") else 2
