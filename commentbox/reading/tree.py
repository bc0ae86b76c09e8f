"""Nest a conversation's comments to the display depth; pure, and without recursion into depth."""

from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
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


@dataclass
class _Node:
    row: Row
    depth: int
    parent_name: str | None
    siblings: list["_Node"]  # the list that this node stands in
    replies: list["_Node"] = field(default_factory=list)


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
    nodes: dict[int, _Node] = {}
    conversations: list[_Node] = []
    for row in _parents_first(rows):
        if row.id not in shown:
            continue
        node = _node(row, nodes.get(row.parent or 0), conversations, max_depth)
        if row.parent is not None and row.parent not in nodes:
            node.parent_name = elsewhere.get(row.parent, "")
        node.siblings.append(node)
        nodes[row.id] = node
    return tuple(_view(node, is_open) for node in conversations)


def _parents_first(rows: Sequence[Row]) -> Iterator[Row]:
    by_id = {row.id: row for row in rows}
    done: set[int] = set()
    for row in rows:
        line = list(_line(row, by_id, done))
        yield from reversed(line)


def _published_and_their_ancestors(rows: Sequence[Row]) -> Collection[int]:
    by_id = {row.id: row for row in rows}
    shown: set[int] = set()
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


def _node(row: Row, parent: _Node | None, conversations: list[_Node], max_depth: int) -> _Node:
    if parent is None:
        return _Node(row, 0, None, conversations)
    name = parent.row.name if parent.row.state == PUBLISHED else ""
    if parent.depth >= max_depth:
        return _Node(row, parent.depth, name, parent.siblings)
    return _Node(row, parent.depth + 1, name, parent.replies)


def _view(node: _Node, is_open: bool) -> CommentView:
    row = node.row
    is_published = row.state == PUBLISHED
    return CommentView(
        id=row.id,
        parent=row.parent,
        parent_name=node.parent_name,
        depth=node.depth,
        # Of a comment that readers may not see, nothing is told but that it was there.
        name=row.name if is_published else "",
        website=row.website if is_published else None,
        html=row.html if is_published else "",
        created_at=row.created_at,
        edited_at=row.edited_at if is_published else None,
        state=PUBLISHED if is_published else REMOVED,
        score=row.score if is_published else 0,
        can_reply=is_open and is_published,
        is_by_moderator=row.is_by_moderator and is_published,
        is_pinned=row.is_pinned and is_published,
        anchor=row.anchor,
        replies=tuple(_view(reply, is_open) for reply in node.replies),
    )
