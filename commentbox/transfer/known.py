"""Which records are comments here already, by the ids under which they came."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, select, tuple_
from sqlalchemy.orm import Session

from commentbox.models import Comment
from commentbox.transfer.staging import Asked, Stored

SAME_SECONDS = 1.0
"""A comment keeps its time: under the same id with another one it is another blog's comment."""


class Known:
    """Finds comments of one site and one source."""

    def __init__(
        self, session: Session, site_id: int, source: str, *, is_archive: bool = False
    ) -> None:
        self._session, self._site_id = session, site_id
        self._source, self._is_archive = source, is_archive

    def among(self, batch: Sequence[Asked]) -> Iterator[tuple[Asked, Stored]]:
        """Yield the records whose ids are known; who has another time is another blog's."""
        ids = [asked.foreign_id for asked in batch]
        by_id = self.by_foreign_id(ids)
        own = self._by_number(ids) if self._is_archive else {}
        elsewhere = self._by_origin([a.origin for a in batch if a.origin])
        for asked in batch:
            same = own.get(asked.foreign_id)
            if same is not None and not is_same(asked, same):
                same = None  # the number was given to another comment since
            found = same or by_id.get(asked.foreign_id) or elsewhere.get(asked.origin or "")
            if found is not None:
                yield asked, found

    def by_foreign_id(self, foreign_ids: Sequence[str]) -> dict[str, Stored]:
        """Return the comments that came from this source under the ids."""
        is_wanted = and_(Comment.source == self._source, Comment.foreign_id.in_(foreign_ids))
        return {row.foreign_id: stored for row, stored in self._rows(is_wanted)}

    def _by_number(self, ids: Sequence[str]) -> dict[str, Stored]:
        numbers = [int(id) for id in ids if id.isdecimal() and len(id) < 16]
        return {str(row.id): stored for row, stored in self._rows(Comment.id.in_(numbers))}

    def _by_origin(self, origins: Sequence[str]) -> dict[str, Stored]:
        if not (self._is_archive and origins):
            return {}
        pairs = [tuple(origin.split("\n", 1)) for origin in origins]
        rows = self._rows(tuple_(Comment.source, Comment.foreign_id).in_(pairs))
        return {f"{row.source}\n{row.foreign_id}": stored for row, stored in rows}

    def _rows(self, is_wanted: ColumnElement[bool]) -> Iterator[tuple[Any, Stored]]:
        columns = (
            Comment.id, Comment.root_id, Comment.depth, Comment.created_at, Comment.source,
            Comment.foreign_id,
        )  # fmt: skip
        query = select(*columns).where(Comment.site_id == self._site_id, is_wanted)
        for row in self._session.execute(query):
            yield row, Stored(row.id, row.root_id or row.id, row.depth, row.created_at.timestamp())


def is_same(asked: Asked, stored: Stored) -> bool:
    """Whether a record and a comment have the same time."""
    return abs(stored.at - asked.at) < SAME_SECONDS
