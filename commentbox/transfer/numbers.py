"""Numbers for rows that are inserted many at a time, given before they are there."""

from collections.abc import Collection, Iterator

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from commentbox.db import Base
from commentbox.models import Comment

TABLE = Comment.__tablename__


class Numbers:
    """New numbers of comments, inside one transaction; none was ever given before."""

    def __init__(self, session: Session, above: int = 0) -> None:
        """Give numbers larger than ``above``, at least."""
        self._session = session
        self._is_sqlite = session.get_bind().dialect.name == "sqlite"
        self._above = above

    def take(self, count: int) -> Iterator[int]:
        """Return as many new numbers, in ascending order."""
        if self._is_sqlite:
            last = max(self._last_of_sqlite(), self._above)
            return iter(range(last + 1, last + 1 + count))
        self._raise_sequence(self._above)
        query = text(
            "SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :count)"
        )
        given = self._session.scalars(query, {"table": TABLE, "count": count}).all()
        return iter(sorted(given))

    def keep(self, wanted: Collection[int]) -> frozenset[int]:
        """Return those of the wanted numbers that no comment has; they are given from now on."""
        rows = self._session.scalars(select(Comment.id).where(Comment.id.in_(wanted)))
        free = frozenset(wanted) - frozenset(rows)
        if free and not self._is_sqlite:  # SQLite raises its own count when a row comes
            self._raise_sequence(max(free))
        return free

    def _last_of_sqlite(self) -> int:
        query = text("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = :table")
        return int(self._session.scalar(query, {"table": TABLE}) or 0)

    def _raise_sequence(self, above: int) -> None:
        if above > 0:
            _raise(self._session, TABLE, above)


def raise_sequence(session: Session, row: type[Base]) -> None:
    """Let PostgreSQL go on after the largest number of a table; SQLite does so by itself."""
    if session.get_bind().dialect.name != "sqlite":
        largest = session.scalar(text(f"SELECT max(id) FROM {row.__tablename__}"))
        _raise(session, row.__tablename__, largest or 0)


def _raise(session: Session, table: str, above: int) -> None:
    # Never back: a number once given may stand in a link.
    session.execute(
        text(
            "SELECT setval(name, :above) FROM pg_get_serial_sequence(:table, 'id') AS name"
            " WHERE coalesce(pg_sequence_last_value(name::regclass), 0) < :above"
        ),
        {"table": table, "above": above},
    )
