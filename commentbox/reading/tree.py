"""Nest a conversation's comments to the display depth; pure, and without recursion into depth."""

from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from commentbox.reading.view import CommentView

PUBLISHED = "published"
REMOVED = "removed"

NOBODY: Mapping[int, str] = MappingProxyType({})


class Row(NamedTuple):
    """A comment as the store has it, with what is shown already made safe."""

    id: int
    parent: int | None
    name: str
    website: str | None
    html: str
    state: str
    score: int
    created_at: datetime
    edited_at: datetime | None
    is_by_moderator: bool = False
    is_pinned: bool = False
    anchor: str | None = None


class _Place(NamedTuple):
    """Where a comment stands: its view, the list that this stands in, and the one of its replies."""

    view: CommentView
    siblings: list[CommentView]
    replies: list[CommentView]


def nest(
    rows: Sequence[Row],
    max_depth: int,
    *,
    is_open: bool,
    elsewhere: Mapping[int, str] = NOBODY,
) -> tuple[CommentView, ...]:
    """Return the conversations of ``rows`` (each oldest first), nested to ``max_depth``.

    A reply may stand before what it answers: clocks of other engines were not always right. What
    answers a comment of another page begins a conversation here; ``elsewhere`` holds the names of
    those authors by the comments' numbers.

    Deeper replies follow flat on the deepest level, each naming whom it answers, so a chain
    of 10,000 replies needs no recursion. A comment that is not published stays as a
    placeholder where published replies hang on it, and is left out elsewhere.
    """
    shown = _published_and_their_ancestors(rows)
    conversations: list[CommentView] = []
    placed: dict[int | None, _Place] = {}
    for row in _parents_first(rows):
        if row.id not in shown:
            continue
        above = placed.get(row.parent)
        replies: list[CommentView] = []
        if above is None:
            siblings, depth = conversations, 0
            name = None if row.parent is None else elsewhere.get(row.parent, "")
        else:
            is_deepest = above.view.depth >= max_depth
            siblings = above.siblings if is_deepest else above.replies
            depth = above.view.depth if is_deepest else above.view.depth + 1
            name = above.view.name
        view = _view(row, depth, name, is_open, replies)
        siblings.append(view)
        placed[row.id] = _Place(view, siblings, replies)
    return tuple(conversations)


def _parents_first(rows: Sequence[Row]) -> Iterator[Row]:
    by_id = {row.id: row for row in rows}
    done: set[int] = set()
    for row in rows:
        if row.parent is None or row.parent in done:  # as nearly always
            if row.id not in done:
                done.add(row.id)
                yield row
        else:
            line = list(_line(row, by_id, done))
            yield from reversed(line)


def _published_and_their_ancestors(rows: Sequence[Row]) -> Collection[int]:
    shown = {row.id for row in rows if row.state == PUBLISHED}
    if len(shown) == len(rows):  # as nearly always
        return shown
    by_id = {row.id: row for row in rows}
    shown.clear()
    for row in rows:
        if row.state == PUBLISHED:
            deque(_line(row, by_id, shown), maxlen=0)
    return shown


def _line(row: Row | None, by_id: Mapping[int, Row], done: set[int]) -> Iterator[Row]:
    """Yield a comment and its ancestors, up to the first that is done; then they are done, too."""
    while row is not None and row.id not in done:
        done.add(row.id)
        yield row
        row = by_id.get(row.parent or 0)


def _view(
    row: Row,
    depth: int,
    parent_name: str | None,
    is_open: bool,
    replies: Sequence[CommentView],
) -> CommentView:
    if row.state == PUBLISHED:
        return CommentView(
            row.id,
            row.parent,
            parent_name,
            depth,
            row.name,
            row.website,
            row.html,
            row.created_at,
            row.edited_at,
            PUBLISHED,
            row.score,
            is_open,
            row.is_by_moderator,
            row.is_pinned,
            row.anchor,
            replies,
        )
    # Of a comment that readers may not see, nothing is told but that it was there.
    return CommentView(
        id=row.id,
        parent=row.parent,
        parent_name=parent_name,
        depth=depth,
        name="",
        website=None,
        html="",
        created_at=row.created_at,
        edited_at=None,
        state=REMOVED,
        score=0,
        can_reply=False,
        anchor=row.anchor,
        replies=replies,
    )
