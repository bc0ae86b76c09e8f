"""One page of a thread as readers see it."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from commentbox import markup
from commentbox.db import moment
from commentbox.errors import UnnamedSite
from commentbox.models import Comment, Site, State, Thread
from commentbox.questions import Question, Rows
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
    return CommentView(
        id=comment.id,
        parent=comment.parent_id,
        parent_name=markup.visible_name(parent.name) if parent else None,
        depth=min(comment.depth, thread.site.max_depth),
        name=_visible_name(comment.name),
        website=_website_href(comment.website) if comment.website else None,
        html=comment.html,
        created_at=comment.created_at,
        edited_at=comment.edited_at,
        state=comment.state,
        score=comment.score,
        can_reply=comment.is_published and thread.is_open and thread.site.is_open,
        is_by_moderator=comment.is_by_moderator,
        is_pinned=comment.id == thread.pinned_id,
    )


def _rows(session: Session, thread: Thread, pieces: Sequence[Piece]) -> list[Row]:
    """Return the comments of a page, in the order of its conversations, each oldest first."""
    whole = [piece.cursor.id for piece in pieces if not piece.part]
    parts = [number for piece in pieces for number in piece.part]
    found = [
        *_found(session, thread, Comment.root_id, whole),
        *_found(session, thread, Comment.id, parts),
    ]
    place = {piece.cursor.id: i for i, piece in enumerate(pieces)}
    found.sort(key=lambda comment: place[comment[0]])
    rows = [
        Row(
            number,
            parent,
            _visible_name(name),
            _website_href(website) if website else None,
            html,
            state,
            score,
            moment(created_at),
            moment(edited_at) if edited_at else None,
            bool(is_by_moderator),
            number == thread.pinned_id,
            anchor,
        )
        for (
            _root,
            number,
            parent,
            name,
            website,
            html,
            state,
            score,
            created_at,
            edited_at,
            is_by_moderator,
            anchor,
        ) in found
    ]
    if not any(row.anchor for row in rows):
        return rows
    own = {f"{OWN_ANCHOR}{row.id}" for row in rows}
    return [row._replace(anchor=None) if row.anchor in own else row for row in rows]


def _found(
    session: Session, thread: Thread, column: InstrumentedAttribute[Any], numbers: Sequence[int]
) -> Rows:
    if not numbers:
        return ()
    # Asked for in powers of two, the last number again and again: so few questions are compiled.
    size = 1 << (len(numbers) - 1).bit_length()
    filled = [*numbers, *[numbers[-1]] * (size - len(numbers))]
    values = {f"number_{place}": number for place, number in enumerate(filled)}
    return _question(column, size).ask(session, thread_id=thread.id, **values)


@cache
def _question(column: InstrumentedAttribute[Any], size: int) -> Question:
    # What is shown and no more, as columns: to make an object of each took a fifth of the whole time.
    return Question(
        select(
            Comment.root_id,
            Comment.id,
            Comment.parent_id,
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
            column.in_([bindparam(f"number_{place}") for place in range(size)]),
            needs_to_be_read(),
        )
        .order_by(Comment.created_at, Comment.id)
    )


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
