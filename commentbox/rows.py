"""Rows read and written at once, by statements that are compiled once: for deeds that many do at a time.

The session's own way works out anew what an answer is made of and, at each commit, what depends on
what. For a thread with its site, one comment and two events that takes longer than all of SQLite's work.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Table, bindparam, column, func, insert, inspect, select, table, update
from sqlalchemy.orm import Session, make_transient, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.util import identity_key

from commentbox.db import Base
from commentbox.statements import Statement

Kind = TypeVar("Kind", bound=Base)


def stored(session: Session, kind: type[Kind], values: Mapping[str, Any]) -> Kind:
    """Return a row that was read as columns, as the session would have read it."""
    known: Kind | None = session.identity_map.get(identity_key(kind, values["id"]))
    if known is None:
        row = kind()
        vars(row).update(values)
        _make_known(session, row)
        return row
    for name, value in values.items():
        set_committed_value(known, name, value)
    return known


def find(session: Session, kind: type[Kind], number: int) -> Kind | None:
    """Return a row by its number, as ``session.get`` does."""
    known: Kind | None = session.identity_map.get(identity_key(kind, number))
    if known is not None and not inspect(known).expired_attributes:
        return known
    for row in _by_number(kind).run(session, {"number": number}):
        return stored(session, kind, dict(zip(table_of(kind).columns.keys(), row, strict=True)))
    return None


def write_new(session: Session, row: Base) -> None:
    """Insert a row that has its number, see ``next_number``; the session knows it then."""
    names = _names(type(row))
    given = {name: value for name, value in vars(row).items() if name in names}
    values = _defaults(type(row)) | given
    _insertion(type(row), frozenset(values)).run(session, values)
    for name in names - given.keys():
        set_committed_value(row, name, values.get(name))
    _make_known(session, row)


def next_number(session: Session, kind: type[Base]) -> int:
    """Return the number for the next row of a kind that never gets a number again.

    Known before the row is written, it can stand in other columns as well. On SQLite nobody else
    writes meanwhile, and the row itself takes the number away; on PostgreSQL it is taken by asking.
    """
    question = _next_number(kind, session.connection().dialect.name)
    ((number,),) = question.run(session, {})
    return int(number)


def write_changes(session: Session, row: Base) -> None:
    """Update a stored row by what was changed in it; nothing is left to do for the session."""
    changed = {name: getattr(row, name) for name in _names(type(row)) - inspect(row).unmodified}
    if not changed:
        return
    (number,) = inspect(row).identity  # type: ignore[misc]  # a stored row has one
    _change(type(row), frozenset(changed)).run(session, {**changed, "number": number})
    make_transient(row)
    _make_known(session, row)


def _make_known(session: Session, row: Base) -> None:
    """Let the session take a row for one that it read."""
    make_transient_to_detached(row)
    session.add(row)


def _defaults(kind: type[Base]) -> dict[str, Any]:
    return {
        name: default.arg(None) if default.is_callable else default.arg
        for name, default in _columns_with_default(kind)
    }


@cache
def _columns_with_default(kind: type[Base]) -> tuple[tuple[str, Any], ...]:
    columns = table_of(kind).columns
    return tuple((each.key, each.default) for each in columns if each.default is not None)


@cache
def _by_number(kind: type[Base]) -> Statement:
    rows = table_of(kind)
    return Statement(select(rows).where(rows.c.id == bindparam("number")))


@cache
def _next_number(kind: type[Base], dialect: str) -> Statement:
    name = table_of(kind).name
    if dialect != "sqlite":
        return Statement(select(func.nextval(func.pg_get_serial_sequence(name, "id"))))
    sequence = table("sqlite_sequence", column("name"), column("seq"))
    last = select(func.max(sequence.c.seq)).where(sequence.c.name == name)
    return Statement(select(func.coalesce(last.scalar_subquery(), 0) + 1))


@cache
def _insertion(kind: type[Base], names: frozenset[str]) -> Statement:
    values: Any = {name: bindparam(name) for name in names}
    return Statement(insert(table_of(kind)).values(values))


@cache
def _change(kind: type[Base], names: frozenset[str]) -> Statement:
    rows = table_of(kind)
    values: Any = {name: bindparam(name) for name in names}
    return Statement(update(rows).where(rows.c.id == bindparam("number")).values(values))


@cache
def _names(kind: type[Base]) -> frozenset[str]:
    return frozenset(table_of(kind).columns.keys())


def table_of(kind: type[Base]) -> Table:
    """Return the table of a kind of rows."""
    rows: Any = kind.__table__
    assert isinstance(rows, Table)
    return rows
