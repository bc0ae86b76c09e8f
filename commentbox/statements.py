"""Statements that are compiled once, and handed to SQLite's own driver: for deeds that many do at a time.

SQLite answers what a post asks within microseconds. What SQLAlchemy sets up around each execution,
to suit every database and every way of asking, takes ten times as long.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Delete, Dialect, Insert, Select, Update
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from commentbox.db import execute_on_sqlite

Written = Select[*tuple[Any, ...]] | Insert | Update | Delete
Row = Any  # a tuple or a list of the values of its columns
Turn = Callable[[Any], Any]
"""Makes the database's value of one of ours, or the other way round."""


class Statement:
    """One with a name for each value, e.g. ``Statement(select(…).where(… == bindparam("day")))``.

    Where the database is another one, or somebody listens to what is executed, SQLAlchemy executes
    it as it does all others.
    """

    def __init__(self, written: Written) -> None:
        self._written = written
        self._on_sqlite: _OnSqlite | None = None

    def run(self, session: Session, values: Mapping[str, Any]) -> Sequence[Row]:
        """Execute it in the session's transaction, and return the rows that it gives, if any.

        What the session has not written yet, it does not see. Raises SQLAlchemy's DBAPIError.
        """
        connection = session.connection()
        if connection.dialect.name != "sqlite" or connection.dispatch.before_cursor_execute:
            found = connection.execute(self._written, dict(values))
            return found.all() if found.returns_rows else ()
        if self._on_sqlite is None:
            self._on_sqlite = _OnSqlite(self._written, connection.dialect)
        return self._on_sqlite.run(connection, values)


class Compiled:
    """A statement in the words of one database."""

    def __init__(self, written: Written, dialect: Dialect) -> None:
        compiled: Any = written.compile(dialect=dialect)
        self.text = str(compiled)
        self._names: Sequence[str] | None = compiled.positiontup
        self._fixed = compiled.params
        turns = {name: _turn_in(bind.type, dialect) for bind, name in compiled.bind_names.items()}
        self._turns = {name: turn for name, turn in turns.items() if turn is not None}

    def parameters(self, values: Mapping[str, object]) -> Any:
        """Return what the driver takes, each value as its type writes it."""
        given = {**self._fixed, **values}
        for name, turn in self._turns.items():
            given[name] = turn(given[name])
        return given if self._names is None else tuple([given[name] for name in self._names])


class _OnSqlite(Compiled):
    """A statement for SQLite's driver, with what makes our values of its own."""

    def __init__(self, written: Written, dialect: Dialect) -> None:
        super().__init__(written, dialect)
        columns: Any = written.exported_columns
        turns = [_turn_out(column.type, dialect) for column in columns]
        self._turns_out = [(place, turn) for place, turn in enumerate(turns) if turn is not None]

    def run(self, connection: Connection, values: Mapping[str, Any]) -> Sequence[Row]:
        found = execute_on_sqlite(connection, self.text, self.parameters(values))
        return [self._turned(row) for row in found] if self._turns_out else found

    def _turned(self, row: Row) -> Row:
        values = list(row)
        for place, turn in self._turns_out:
            values[place] = turn(values[place])
        return values


def _turn_in(type: TypeEngine[Any], dialect: Dialect) -> Turn | None:
    return type.dialect_impl(dialect).bind_processor(dialect)


def _turn_out(type: TypeEngine[Any], dialect: Dialect) -> Turn | None:
    return type.dialect_impl(dialect).result_processor(dialect, None)
