"""One page of a thread: whole conversations, found by key, never by offset."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, literal, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from commentbox import markup
from commentbox.db import UtcDateTime
from commentbox.errors import UnnamedSite
from commentbox.models import Comment, Site, State, Thread
from commentbox.reading.tree import Row, nest
from commentbox.reading.view import CommentView, FormPolicy, ThreadView

SORTS = ("oldest", "newest", "top")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

OWN_ANCHOR = "comment-"

_NUMBER = re.compile("[0-9]{1,18}")
_CURSOR = re.compile(r"(-?[0-9]{1,10})\.(-?[0-9]{1,16})\.([0-9]{1,18})")


@dataclass(frozen=True)
class Place:
    """Which page of a thread is asked for; at most one of the last three is set."""

    sort: str = "oldest"
    after: str | None = None  # a cursor, as ThreadView.next
    before: str | None = None  # a cursor, as ThreadView.previous
    comment: str = ""  # the page that holds it, by its number or an anchor such as "isso-12"


@dataclass(frozen=True)
class _Cursor:
    """A conversation's place in any order: score, time and number of its first comment."""

    score: int
    at: datetime
    id: int

    def __str__(self) -> str:
        return f"{self.score}.{(self.at - EPOCH) // timedelta(microseconds=1)}.{self.id}"


def only_site(session: Session) -> Site:
    """Return the site of a service that has just one. Raises UnnamedSite."""
    sites = session.scalars(select(Site).limit(2)).all()
    if len(sites) != 1:
        raise UnnamedSite
    return sites[0]


def view_thread(
    session: Session, site: Site, thread: Thread | None, key: str, place: Place
) -> ThreadView:
    """Return a page of a thread as readers see it; a page without comments has an empty one."""
    empty = ThreadView(
        site=site.key,
        page=thread.key if thread else key,
        url=thread.shown_url if thread else None,
        title=thread.shown_title if thread else None,
        is_open=site.is_open and (thread is None or thread.is_open),
        count=thread.count if thread else 0,
        version=thread.version if thread else 0,
        sort=place.sort,
        comments=(),
        previous=None,
        next=None,
        action="",
        policy=FormPolicy(
            max_length_chars=site.max_length_chars,
            require_name=site.require_name,
            require_email=site.require_email,
            edit_window_seconds=site.edit_window_seconds,
            votes=site.votes,
        ),
    )
    if thread is None or not thread.count:
        return empty
    chosen = _choose(session, site, thread, place)
    rows = _rows(session, thread, [cursor.id for cursor in (*chosen.pinned, *chosen.cursors)])
    return replace(
        empty,
        comments=nest(rows, site.max_depth, is_open=empty.is_open),
        previous=str(chosen.cursors[0]) if chosen.has_previous else None,
        next=str(chosen.cursors[-1]) if chosen.has_next else None,
    )


def view_comment(comment: Comment, thread: Thread, parent: Comment | None) -> CommentView:
    """Return one comment as its author sees it, whatever its state, e.g. after posting it."""
    row = _row(comment, thread)
    return CommentView(
        id=row.id,
        parent=row.parent,
        parent_name=markup.visible_name(parent.name) if parent else None,
        depth=min(comment.depth, thread.site.max_depth),
        name=row.name,
        website=row.website,
        html=row.html,
        created_at=row.created_at,
        edited_at=row.edited_at,
        state=row.state,
        score=row.score,
        can_reply=comment.is_published and thread.is_open and thread.site.is_open,
        is_by_moderator=row.is_by_moderator,
        is_pinned=row.is_pinned,
    )


@dataclass(frozen=True)
class _Chosen:
    cursors: Sequence[_Cursor]
    has_previous: bool
    has_next: bool
    pinned: Sequence[_Cursor] = ()  # shown before the others, on the first page alone


def _choose(session: Session, site: Site, thread: Thread, place: Place) -> _Chosen:
    """Choose the conversations of a page: as many as make up ``page_size`` comments, at least one.

    Where nothing is left behind a cursor, the first page follows. It begins with the conversation
    that is pinned, which stands on no other page.
    """
    pinned = _pinned(session, thread)
    if (cursor := _read_cursor(place.before)) is not None:
        found, more = _walk(session, site, thread, place.sort, cursor, backwards=True)
        if found:
            before_all = () if more else pinned
            return _Chosen(found[::-1], has_previous=more, has_next=True, pinned=before_all)
    if (cursor := _read_cursor(place.after)) is not None:
        found, more = _walk(session, site, thread, place.sort, cursor)
        if found:
            return _Chosen(found, has_previous=True, has_next=more)
    found, more = _walk(session, site, thread, place.sort, None)
    first = _Chosen(found, has_previous=False, has_next=more, pinned=pinned)
    if not place.comment:
        return first
    wanted = _conversation_of(session, thread, place.comment)
    if wanted is None or wanted in (*pinned, *first.cursors):
        return first
    rest, more = _walk(session, site, thread, place.sort, wanted)
    return _Chosen([wanted, *rest], has_previous=True, has_next=more)


def _walk(
    session: Session,
    site: Site,
    thread: Thread,
    sort: str,
    start: _Cursor | None,
    *,
    backwards: bool = False,
) -> tuple[list[_Cursor], bool]:
    """Return the conversations that follow ``start`` in the order, and whether more follow."""
    # By time, not by number: an import brings old comments to a thread that has newer ones.
    columns: tuple[InstrumentedAttribute[Any], ...] = (
        (Comment.score, Comment.id) if sort == "top" else (Comment.created_at, Comment.id)
    )
    is_descending = (sort != "oldest") is not backwards
    query = (
        select(Comment.score, Comment.created_at, Comment.id, Comment.conversation_size)
        .where(Comment.thread_id == thread.id, _is_shown_conversation())
        .order_by(*(c.desc() if is_descending else c.asc() for c in columns))
        .limit(site.page_size + 1)
    )
    if pinned := _pinned(session, thread):
        query = query.where(Comment.id != pinned[0].id)
    if start is not None:
        here = tuple_(*columns)
        began = literal(start.at, UtcDateTime)
        there = tuple_(start.score if sort == "top" else began, start.id)
        query = query.where(here < there if is_descending else here > there)
    found: list[_Cursor] = []
    comments = 0
    for score, at, number, size in session.execute(query):
        if comments >= site.page_size:
            return found, True
        found.append(_Cursor(score, at, number))
        comments += size
    return found, False


def _pinned(session: Session, thread: Thread) -> Sequence[_Cursor]:
    """Return the conversation that comes first, unless its own first comment is not shown."""
    root = session.get(Comment, thread.pinned_id) if thread.pinned_id is not None else None
    is_shown = root is not None and root.is_published and root.thread_id == thread.id
    return (_Cursor(root.score, root.created_at, root.id),) if root and is_shown else ()


def _is_shown_conversation() -> ColumnElement[bool]:
    return and_(Comment.parent_id.is_(None), Comment.conversation_size > 0)


def _conversation_of(session: Session, thread: Thread, named: str) -> _Cursor | None:
    if (comment := comment_named(session, thread, named)) is None:
        return None
    root = session.get_one(Comment, comment.root_id)
    return _Cursor(root.score, root.created_at, root.id) if root.conversation_size else None


def comment_named(session: Session, thread: Thread, named: str) -> Comment | None:
    """Return a comment of the thread by ``"12"``, ``"comment-12"``, or by its anchor elsewhere.

    Our own numbers come first: these links were made here.
    """
    number = named.removeprefix(OWN_ANCHOR)
    if _NUMBER.fullmatch(number):
        comment = session.get(Comment, int(number))
        if comment is not None and comment.thread_id == thread.id:
            return comment
        named = OWN_ANCHOR + number
    return session.scalar(
        select(Comment).where(Comment.thread_id == thread.id, Comment.anchor == named).limit(1)
    )


def _read_cursor(written: str | None) -> _Cursor | None:
    match = _CURSOR.fullmatch(written or "")
    if match is None:
        return None  # a cursor of nowhere shows the first page
    score, at, number = map(int, match.groups())
    return _Cursor(score, EPOCH + timedelta(microseconds=at), number)


def _rows(session: Session, thread: Thread, roots: Sequence[int]) -> list[Row]:
    """Return the comments of the conversations, in their order, each conversation oldest first."""
    comments = session.scalars(
        select(Comment)
        .where(
            Comment.thread_id == thread.id,
            Comment.root_id.in_(roots),
            # What is not published is needed only where published replies may hang on it.
            or_(Comment.state == State.PUBLISHED.value, Comment.has_replies),
        )
        .order_by(Comment.created_at, Comment.id)
    )
    place = {root: i for i, root in enumerate(roots)}
    rows = [
        _row(comment, thread)
        for comment in sorted(comments, key=lambda c: place[c.root_id or c.id])
    ]
    own = {f"{OWN_ANCHOR}{row.id}" for row in rows}
    return [replace(row, anchor=None) if row.anchor in own else row for row in rows]


def _row(comment: Comment, thread: Thread) -> Row:
    return Row(
        id=comment.id,
        parent=comment.parent_id,
        name=markup.visible_name(comment.name),
        website=markup.website_href(comment.website) if comment.website else None,
        html=comment.html,
        state=comment.state,
        score=comment.score,
        created_at=comment.created_at,
        edited_at=comment.edited_at,
        is_by_moderator=comment.is_by_moderator,
        is_pinned=comment.id == thread.pinned_id,
        anchor=comment.anchor,
    )
