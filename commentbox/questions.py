"""Questions that are compiled once and answered in the driver's own values, for what everybody asks.

SQLAlchemy's own way looks a question up among those it has compiled, puts its lists together and
turns every value by its column's type. For a page of 100 comments that took longer than the database.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Dialect, Select
from sqlalchemy.orm import Session

from commentbox.db import WATCH
from commentbox.freshness import SqliteWatch

Rows = Sequence[tuple[Any, ...]]


class Question:
    """A question whose text depends on the database alone: it has no list that may grow.

    What comes back is what the driver gives: on SQLite times are texts, which ``db.moment`` reads, and
    truth is 0 or 1.
    """

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

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

    def _in_words_of(self, dialect: Dialect) -> "_Compiled":
        if (compiled := self._compiled.get(dialect.name)) is None:
            compiled = self._compiled[dialect.name] = _Compiled(self._statement, dialect)
        return compiled


class _Compiled:
    """A question in the words of one database."""

    def __init__(self, statement: Select[*tuple[Any, ...]], dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self.text = str(compiled)
        self._names: Sequence[str] | None = compiled.positiontup
        self._fixed = compiled.params
        turned = {
            name: bind.type.dialect_impl(dialect).bind_processor(dialect)
            for name, bind in compiled.binds.items()
        }
        self._turned = {name: turn for name, turn in turned.items() if turn is not None}

    def parameters(self, values: Mapping[str, object]) -> Any:
        """Return what the driver takes, each value as its type writes it."""
        given = {**self._fixed, **values}
        for name, turn in self._turned.items():
            given[name] = turn(given[name])
        return given if self._names is None else tuple([given[name] for name in self._names])
