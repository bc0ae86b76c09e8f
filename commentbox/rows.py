"""Rows written at once, by statements that are put together once: for deeds that many do at a time.

The session's own way works out at each commit what depends on what. For one comment, two events and
a thread that is nearly a millisecond, more than SQLite takes to put them on disk.
"""

from functools import cache
from typing import Any

from sqlalchemy import CursorResult, Insert, Table, Update, bindparam, insert, inspect, update
from sqlalchemy.orm import Session, make_transient, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from commentbox.db import Base


def write_new(session: Session, row: Base) -> None:
    """Insert a row that the session does not know; it has its number then, and the session knows it."""
    given = {name: value for name, value in vars(row).items() if not name.startswith("_")}
    done: CursorResult[Any] = session.connection().execute(_insertion(type(row)), given)
    assert done.inserted_primary_key is not None
    made: Any = done.last_inserted_params()
    for column in _table(type(row)).columns:
        if column.key not in given:
            set_committed_value(row, column.key, made.get(column.key))
    set_committed_value(row, "id", done.inserted_primary_key[0])
    make_transient_to_detached(row)
    session.add(row)


def write_changes(session: Session, row: Base) -> None:
    """Update a stored row by what was changed in it; nothing is left to do for the session."""
    kept = inspect(row).unmodified
    changed = {c.key: getattr(row, c.key) for c in _table(type(row)).columns if c.key not in kept}
    if not changed:
        return
    (number,) = inspect(row).identity  # type: ignore[misc]  # a stored row has one
    session.connection().execute(
        _change(type(row), frozenset(changed)), {**changed, "number": number}
    )
    # So the session takes it for a row as it is stored.
    make_transient(row)
    make_transient_to_detached(row)
    session.add(row)


@cache
def _insertion(kind: type[Base]) -> Insert:
    return insert(_table(kind))


@cache
def _change(kind: type[Base], names: frozenset[str]) -> Update:
    table = _table(kind)
    return (
        update(table)
        .where(table.c.id == bindparam("number"))
        .values({name: bindparam(name) for name in names})
    )


def _table(kind: type[Base]) -> Table:
    table: Any = kind.__table__
    assert isinstance(table, Table)
    return table
