"""One page of a thread as readers see it."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sqlalchemy import Row as RowOfColumns
from sqlalchemy import bindparam, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from commentbox import markup
from commentbox.errors import UnnamedSite
from commentbox.models import Comment, Site, State, Thread
from commentbox.reading.pages import (
    OWN_ANCHOR,
    PART_SIZE,
    Pages,
    Piece,
    Place,
    needs_to_be_read,
)
from commentbox.reading.tree import Row, nest
from commentbox.reading.view import CommentView, FormPolicy, ThreadView


def only_site(session: Session) -> Site:
    """Return the site of a service that has just one. Raises UnnamedSite."""
    sites = session.scalars(select(Site).limit(2)).all()
    if len(sites) != 1:
        raise UnnamedSite
    return sites[0]


def view_thread(
    session: Session,
    site: Site,
    thread: Thread | None,
    key: str,
    place: Place,
    part_size: int = PART_SIZE,
) -> ThreadView:
    """Return a page of a thread as readers see it; a page without comments has an empty one.

    Of a conversation longer than ``part_size`` it holds a part.
    """
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
            texts=site.texts,
        ),
    )
    if thread is None or not thread.count:
        return empty
    chosen = Pages(session, thread, place.sort, site.page_size, part_size).choose(place)
    rows = _rows(session, thread, chosen.pieces)
    elsewhere = _answered_elsewhere(session, rows)
    return replace(
        empty,
        comments=nest(rows, site.max_depth, is_open=empty.is_open, elsewhere=elsewhere),
        previous=chosen.previous,
        next=chosen.next,
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


def _rows(session: Session, thread: Thread, pieces: Sequence[Piece]) -> list[Row]:
    """Return the comments of a page, in the order of its conversations, each oldest first."""
    whole = [piece.cursor.id for piece in pieces if not piece.part]
    parts = [number for piece in pieces for number in piece.part]
    comments = [
        *_comments(session, thread, CONVERSATIONS, whole),
        *_comments(session, thread, PARTS, parts),
    ]
    place = {piece.cursor.id: i for i, piece in enumerate(pieces)}
    rows = [
        _row(comment, thread)
        for comment in sorted(comments, key=lambda c: place[c.root_id or c.id])
    ]
    own = {f"{OWN_ANCHOR}{row.id}" for row in rows}
    return [row._replace(anchor=None) if row.anchor in own else row for row in rows]


def _comments(
    session: Session, thread: Thread, question: Any, numbers: Sequence[int]
) -> Sequence[RowOfColumns[Any]]:
    if not numbers:
        return ()
    asked = {"thread_id": thread.id, "numbers": numbers}
    return session.connection().execute(question, asked).all()


def _question(number: InstrumentedAttribute[Any]) -> Any:
    return (
        select(
            Comment.id,
            Comment.parent_id,
            Comment.root_id,
            Comment.name,
            Comment.website,
            Comment.html,
            Comment.state,
            Comment.score,
            Comment.created_at,
            Comment.edited_at,
            Comment.is_by_moderator,
            Comment.anchor,
        )
        .where(
            Comment.thread_id == bindparam("thread_id"),
            number.in_(bindparam("numbers", expanding=True)),
            needs_to_be_read(),
        )
        .order_by(Comment.created_at, Comment.id)
    )


# What is shown and no more, as columns: to make an object of each took a fifth of the whole time.
CONVERSATIONS, PARTS = _question(Comment.root_id), _question(Comment.id)


def _answered_elsewhere(session: Session, rows: Sequence[Row]) -> dict[int, str]:
    """Return the visible names behind what replies answer that stands on another page."""
    here = {row.id for row in rows}
    elsewhere = {row.parent for row in rows if row.parent is not None} - here
    if not elsewhere:
        return {}
    named = session.execute(
        select(Comment.id, Comment.name).where(
            Comment.id.in_(elsewhere), Comment.state == State.PUBLISHED.value
        )
    )
    return {number: markup.visible_name(name) for number, name in named}


_visible_name = lru_cache(maxsize=2048)(markup.visible_name)
_website_href = lru_cache(maxsize=2048)(markup.website_href)
"""The same people write again and again."""


def _row(comment: Comment | RowOfColumns[Any], thread: Thread) -> Row:
    return Row(
        id=comment.id,
        parent=comment.parent_id,
        name=_visible_name(comment.name),
        website=_website_href(comment.website) if comment.website else None,
        html=comment.html,
        state=comment.state,
        score=comment.score,
        created_at=comment.created_at,
        edited_at=comment.edited_at,
        is_by_moderator=comment.is_by_moderator,
        is_pinned=comment.id == thread.pinned_id,
        anchor=comment.anchor,
    )
