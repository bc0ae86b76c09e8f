"""Questions that are compiled once and answered in the driver's own values, for what everybody asks.

SQLAlchemy's own way looks a question up among those it has compiled, puts its lists together and
turns every value by its column's type. For a page of 100 comments that took longer than the database.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Dialect, Select
from sqlalchemy.orm import Session

from commentbox.db import WATCH
from commentbox.freshness import SqliteWatch
from commentbox.statements import Compiled

Rows = Sequence[tuple[Any, ...]]


class Question:
    """A question whose text depends on the database alone: it has no list that may grow.

    What comes back is what the driver gives: on SQLite times are texts, which ``db.moment`` reads, and
    truth is 0 or 1.
    """

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        self._statement = statement
        self._compiled: dict[str, Compiled] = {}

    def ask(self, session: Session, **values: object) -> Rows:
        """Return the rows for the values of its parameters."""
        compiled = self._in_words_of(session.get_bind().dialect)
        parameters = compiled.parameters(values)
        watch: SqliteWatch | None = session.info.get(WATCH)
        # A session that has read or written already goes on with what it sees.
        if watch is not None and not session.in_transaction():
            try:
                return watch.ask(compiled.text, parameters)
            except watch.errors:
                pass  # the session will meet the trouble, too, and say so in its way
        return session.connection().exec_driver_sql(compiled.text, parameters).all()

    def _in_words_of(self, dialect: Dialect) -> "Compiled":
        if (compiled := self._compiled.get(dialect.name)) is None:
            compiled = self._compiled[dialect.name] = Compiled(self._statement, dialect)
        return compiled
