"""Which conversations stand on one page of a thread, found by key, never by offset.

Whole ones, as many as make up a page; only one that is longer than ``PART_SIZE`` is cut, so that no
answer has more comments than a page, a part and a pinned part (docs/decisions/0005).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, bindparam, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from commentbox.db import moment
from commentbox.models import Comment, State, Thread
from commentbox.questions import Question

SORTS = ("oldest", "newest", "top")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

PART_SIZE = 200
"""Comments of a part. Nearly all conversations are shorter, and are shown whole."""

OWN_ANCHOR = "comment-"

_NUMBER = re.compile("[0-9]{1,18}")
_CURSOR = re.compile(r"(-?[0-9]{1,10})\.(-?[0-9]{1,16})\.([0-9]{1,18})(?:\.([0-9]{1,18}))?")


@dataclass(frozen=True)
class Place:
    """Which page of a thread is asked for; at most one of the last three is set."""

    sort: str = "oldest"
    after: str | None = None  # a cursor, as ThreadView.next
    before: str | None = None  # a cursor, as ThreadView.previous
    comment: str = ""  # the page that holds it, by its number or an anchor such as "isso-12"


class Cursor(NamedTuple):
    """A conversation's place in any order: score, time and number of its first comment.

    ``inside`` is the number of the comment with which a part of it begins or ends.
    """

    score: int
    at: datetime
    id: int
    inside: int | None = None

    def __str__(self) -> str:
        whole = f"{self.score}.{(self.at - EPOCH) // timedelta(microseconds=1)}.{self.id}"
        return whole if self.inside is None else f"{whole}.{self.inside}"


class Piece(NamedTuple):
    """A conversation on a page: whole, or the comments of a part by number, in their order."""

    cursor: Cursor
    size: int
    part: Sequence[int] = ()
    has_earlier: bool = False
    has_later: bool = False

    def holds(self, comment: Comment) -> bool:
        """Whether a comment of the thread stands in it."""
        is_of_it = comment.root_id == self.cursor.id
        return is_of_it and (not self.part or comment.id in self.part)

    @property
    def start(self) -> Cursor:
        """Before which the previous page ends."""
        return self.cursor._replace(inside=self.part[0]) if self.part else self.cursor

    @property
    def end(self) -> Cursor:
        """After which the next page begins."""
        return self.cursor._replace(inside=self.part[-1]) if self.part else self.cursor


@dataclass(frozen=True)
class Chosen:
    """What stands on a page."""

    pieces: Sequence[Piece]
    has_previous: bool
    has_next: bool

    @property
    def previous(self) -> str | None:
        """The cursor of what comes before."""
        return str(self.pieces[0].start) if self.has_previous else None

    @property
    def next(self) -> str | None:
        """The cursor of what comes after."""
        return str(self.pieces[-1].end) if self.has_next else None


class Pages:
    """The pages of one thread in one order; the conversation that is pinned comes first."""

    def __init__(
        self, session: Session, thread: Thread, sort: str, page_size: int, part_size: int
    ) -> None:
        self._session, self._thread, self._sort = session, thread, sort
        self._page_size, self._part_size = page_size, part_size
        self._pinned = self._pinned_piece()

    def choose(self, place: Place) -> Chosen:
        """Choose what stands on the page asked for; behind a cursor that nothing is left behind, the first."""
        if (cursor := _read_cursor(place.before)) is not None:
            pieces, has_previous = self._back_from(cursor)
            if pieces:
                return Chosen(pieces, has_previous=has_previous, has_next=True)
        if (cursor := _read_cursor(place.after)) is not None:
            pieces, has_next = self._on_from(cursor)
            if pieces:
                return Chosen(pieces, has_previous=True, has_next=has_next)
        first = self._first()
        comment = comment_named(self._session, self._thread, place.comment)
        if comment is None or any(piece.holds(comment) for piece in first.pieces):
            return first
        return self._with(comment) or first

    def _first(self) -> Chosen:
        if self._pinned is None:
            pieces, has_next = self._on_from(None)
            return Chosen(pieces, has_previous=False, has_next=has_next)
        opening = self._opening(self._pinned)
        if opening.has_later:
            return Chosen([opening], has_previous=False, has_next=True)
        pieces, has_next = self._on_from(None)
        return Chosen([opening, *pieces], has_previous=False, has_next=has_next)

    def _with(self, comment: Comment) -> Chosen | None:
        """Choose a page that begins with a comment, or with its conversation where that is whole."""
        root = self._session.get_one(Comment, comment.root_id)
        if not root.conversation_size:
            return None
        piece = _piece_of(root)
        if piece.size > self._part_size:
            # What is just before it ends the previous page.
            pieces, has_next = self._on_from(piece.cursor._replace(inside=comment.id - 1))
        else:
            rest, has_next = self._on_from(piece.cursor)
            pieces = [piece, *rest]
        return Chosen(pieces, has_previous=True, has_next=has_next) if pieces else None

    def _on_from(self, start: Cursor | None) -> tuple[list[Piece], bool]:
        """Return what follows in the order, and whether more follows that."""
        pieces: list[Piece] = []
        if start is not None and start.inside is not None:
            rest = self._part(start, after=start.inside)
            if rest is not None:
                pieces.append(rest)
                if rest.has_later:
                    return pieces, True
            if self._is_pinned(start):
                start = None
        size = sum(piece.size for piece in pieces)
        for piece in self._conversations(start):
            if size >= self._page_size:
                return pieces, True
            opening = self._opening(piece)
            pieces.append(opening)
            size += opening.size
            if opening.has_later:
                return pieces, True
        return pieces, False

    def _back_from(self, end: Cursor) -> tuple[list[Piece], bool]:
        """Return what comes before in the order, and whether more comes before that."""
        pieces: list[Piece] = []
        if end.inside is not None:
            earlier = self._part(end, before=end.inside, backwards=True)
            if earlier is not None:
                pieces.append(earlier)
                if earlier.has_earlier:
                    return pieces, True
            if self._is_pinned(end):
                return pieces, False
        size = sum(piece.size for piece in pieces)
        for piece in self._conversations(end, backwards=True):
            if size >= self._page_size:
                return pieces[::-1], True
            ending = self._ending(piece)
            pieces.append(ending)
            size += ending.size
            if ending.has_earlier:
                return pieces[::-1], True
        if self._pinned is not None and (pieces or self._is_long(self._pinned)):
            pieces.append(self._ending(self._pinned))
        return pieces[::-1], bool(pieces) and pieces[-1].has_earlier

    def _opening(self, piece: Piece) -> Piece:
        if not self._is_long(piece):
            return piece
        return self._part(piece.cursor) or piece

    def _ending(self, piece: Piece) -> Piece:
        if not self._is_long(piece):
            return piece
        return self._part(piece.cursor, backwards=True) or piece

    def _is_long(self, piece: Piece) -> bool:
        return piece.size > self._part_size

    def _part(
        self,
        conversation: Cursor,
        *,
        after: int | None = None,
        before: int | None = None,
        backwards: bool = False,
    ) -> Piece | None:
        """Return the first comments of a conversation, or the last ones, between two numbers."""
        # By number, which an index knows: only what a later import adds stands later than it should.
        query = (
            select(Comment.id)
            .where(
                Comment.thread_id == self._thread.id,
                Comment.root_id == conversation.id,
                needs_to_be_read(),
            )
            .order_by(Comment.id.desc() if backwards else Comment.id.asc())
            .limit(self._part_size + 1)
        )
        if after is not None:
            query = query.where(Comment.id > after)
        if before is not None:
            query = query.where(Comment.id < before)
        found = self._session.scalars(query).all()
        if not found:
            return None
        has_more = len(found) > self._part_size
        part = sorted(found[: self._part_size])
        whole = conversation._replace(inside=None)
        return Piece(
            whole,
            len(part),
            part,
            has_earlier=has_more if backwards else after is not None,
            has_later=not backwards and has_more,
        )

    def _conversations(self, start: Cursor | None, *, backwards: bool = False) -> Sequence[Piece]:
        """Return the conversations that follow in the order; one more than may stand on a page."""
        question = _conversations(
            self._sort,
            is_descending=(self._sort != "oldest") is not backwards,
            without_pinned=self._pinned is not None,
            from_start=start is None,
        )
        asked: dict[str, object] = {"thread_id": self._thread.id, "limit": self._page_size + 1}
        if self._pinned is not None:
            asked["pinned_id"] = self._pinned.cursor.id
        if start is not None:
            there = start.score if self._sort == "top" else start.at
            asked |= {"there": there, "there_id": start.id}
        found = question.ask(self._session, **asked)
        return [Piece(Cursor(score, moment(at), number), size) for score, at, number, size in found]

    def _is_pinned(self, cursor: Cursor) -> bool:
        return self._pinned is not None and self._pinned.cursor.id == cursor.id

    def _pinned_piece(self) -> Piece | None:
        """Return the conversation that comes first, unless its own first comment is not shown."""
        number = self._thread.pinned_id
        root = self._session.get(Comment, number) if number is not None else None
        is_shown = root is not None and root.is_published and root.thread_id == self._thread.id
        return _piece_of(root) if root is not None and is_shown else None


def needs_to_be_read() -> ColumnElement[bool]:
    """Say which comments of a conversation are read: published, or such may hang on them."""
    return or_(Comment.state == State.PUBLISHED.value, Comment.has_replies)


def comment_named(session: Session, thread: Thread, named: str) -> Comment | None:
    """Return a comment of the thread by ``"12"``, ``"comment-12"``, or by its anchor elsewhere.

    Our own numbers come first: these links were made here.
    """
    if not named:
        return None
    number = named.removeprefix(OWN_ANCHOR)
    if _NUMBER.fullmatch(number):
        comment = session.get(Comment, int(number))
        if comment is not None and comment.thread_id == thread.id:
            return comment
        named = OWN_ANCHOR + number
    return session.scalar(
        select(Comment).where(Comment.thread_id == thread.id, Comment.anchor == named).limit(1)
    )


@cache
def _conversations(
    sort: str, *, is_descending: bool, without_pinned: bool, from_start: bool
) -> Question:
    """Return the question for a page's conversations, put together once."""
    # By time, not by number: an import brings old comments to a thread that has newer ones.
    column: InstrumentedAttribute[Any] = Comment.score if sort == "top" else Comment.created_at
    columns = column, Comment.id
    question = (
        select(Comment.score, Comment.created_at, Comment.id, Comment.conversation_size)
        .where(
            Comment.thread_id == bindparam("thread_id"),
            Comment.parent_id.is_(None),
            Comment.conversation_size > 0,
        )
        .order_by(*(c.desc() if is_descending else c.asc() for c in columns))
        .limit(bindparam("limit"))
    )
    if without_pinned:
        question = question.where(Comment.id != bindparam("pinned_id"))
    if from_start:
        return Question(question)
    here = tuple_(*columns)
    # Whoever makes up a cursor may give it a score that no column holds.
    kind = BigInteger() if sort == "top" else column.type
    there = tuple_(bindparam("there", type_=kind), bindparam("there_id", type_=BigInteger()))
    return Question(question.where(here < there if is_descending else here > there))


def _piece_of(root: Comment) -> Piece:
    return Piece(Cursor(root.score, root.created_at, root.id), root.conversation_size)


def _read_cursor(written: str | None) -> Cursor | None:
    match = _CURSOR.fullmatch(written or "")
    if match is None:
        return None  # a cursor of nowhere shows the first page
    score, at, number = map(int, match.groups()[:3])
    inside = int(match[4]) if match[4] else None
    return Cursor(score, EPOCH + timedelta(microseconds=at), number, inside)
