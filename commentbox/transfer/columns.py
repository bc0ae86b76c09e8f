"""Which columns an archive keeps, and how their values are written: one table of what is left out.

All that is not left out here is kept, so a column that a later release adds is in its archives.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Date, DateTime, Float, LargeBinary, String, Table

from commentbox.db import Base
from commentbox.models import Comment, Decision, Report, Site, Thread
from commentbox.models.ban import Ban
from commentbox.models.thread_decision import ThreadDecision

Columns = Mapping[str, object]

LEFT_OUT: Mapping[type[Base], frozenset[str]] = {
    # Numbers that count what is there, or only change when something does.
    Site: frozenset({"id", "key", "version"}),
    Thread: frozenset({"id", "site_id", "count", "version"}),
    # Made anew from the text and the place; tokens of networks lead nowhere without their key.
    Comment: frozenset(
        {
            "site_id", "thread_id", "root_id", "depth", "conversation_size", "has_replies", "html",
            "markup_version", "text_digest", "network", "idempotency_digest",
        }
    ),
    Decision: frozenset({"comment_id", "moderator_id"}),
    ThreadDecision: frozenset({"id", "site_id", "thread_id", "moderator_id"}),
    Report: frozenset({"comment_id", "network"}),
    Ban: frozenset({"id", "site_id", "moderator_id"}),
}  # fmt: skip

BY_MODERATOR = frozenset({Decision, ThreadDecision, Ban})
"""Rows that tell who made them, by e-mail address."""


def kept_columns(row: type[Base]) -> tuple[str, ...]:
    """Return the names of the columns that an archive keeps of a table."""
    return tuple(
        column.name for column in table_of(row).columns if column.name not in LEFT_OUT[row]
    )


def written(row: type[Base], values: Mapping[str, Any]) -> dict[str, object]:
    """Return the kept columns of a row as JSON holds them."""
    return {name: as_json(values[name]) for name in kept_columns(row)}


def read(row: type[Base], columns: Columns) -> dict[str, Any]:
    """Return the values of columns; what this release does not know is passed over."""
    table = table_of(row)
    values: dict[str, Any] = {}
    for name in kept_columns(row):
        try:
            values |= {name: from_json(table, name, columns[name])} if name in columns else {}
        except (ValueError, TypeError, OverflowError):
            continue  # somebody wrote it by hand: the default is better than a guess
    return values


def is_whole(row: type[Base], values: Mapping[str, Any]) -> bool:
    """Whether all columns are there that the table asks for and no default fills."""
    return all(
        column.nullable or column.default is not None or column.primary_key or name in values
        for name, column in table_of(row).columns.items()
        if name not in LEFT_OUT[row]
    )


def table_of(row: type[Base]) -> Table:
    """Return the table of a row's class."""
    table = row.__table__
    assert isinstance(table, Table)
    return table


def as_json(value: object) -> object:
    """Return a value as JSON holds it: times in RFC 3339 and UTC, bytes in hex."""
    if isinstance(value, datetime):
        value = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else value


def from_json(table: Table, name: str, value: Any) -> Any:
    """Return what ``as_json`` wrote as the column takes it. Raises ValueError and TypeError."""
    kind = getattr(table.columns[name].type, "impl", table.columns[name].type)
    if value is None and table.columns[name].nullable:
        return None
    if isinstance(kind, JSON):
        return value
    if isinstance(kind, DateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    if isinstance(kind, LargeBinary):
        return bytes.fromhex(value)
    return _checked(kind, value)


def _checked(kind: Any, value: Any) -> Any:
    if isinstance(kind, Float) and isinstance(value, int):
        return float(value)
    if type(value) is not kind.python_type:
        raise TypeError(kind)
    if isinstance(kind, String) and kind.length is not None and len(value) > kind.length:
        raise ValueError(kind)
    limit = 2**63 if isinstance(kind, BigInteger) else 2**31
    if type(value) is int and not -limit <= value < limit:
        raise OverflowError(kind)
    return value
