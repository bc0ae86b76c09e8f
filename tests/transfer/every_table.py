"""A row in every table of the models, with something else than the default in every column."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    String,
    Table,
    insert,
    select,
)

from commentbox import markup
from commentbox.db import Base
from commentbox.models import Comment
from commentbox.models.comment import TextFormat, html_of, text_digest
from commentbox.transfer.columns import LEFT_OUT, LEFT_OUT_TABLES, table_of

NUMBER = 41
"""Of every row that has one, unless it counts on: not the first that a database gives."""

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WORDS = "Schöner *Text*."

CHOSEN: dict[str, dict[str, Any]] = {
    "commentbox_site": {
        "key": "blog", "language": "de", "moderation": "all", "texts": {"empty": "Leer."},
        "colours": {"accent": "#123456"}, "max_depth": 7, "max_links": 7, "known_after": 7,
        "page_size": 7,
    },
    "commentbox_site_origin": {"origin": "https://blog.example"},
    "commentbox_thread": {
        "key": "/a", "url": "https://blog.example/a", "pinned_id": NUMBER, "count": 1,
    },
    "commentbox_comment": {
        "parent_id": None, "root_id": NUMBER, "depth": 0, "conversation_size": 1,
        "has_replies": True, "author_id": None, "text": WORDS, "text_format": "markdown",
        "html": html_of(WORDS, TextFormat.MARKDOWN), "text_digest": text_digest(WORDS),
        "markup_version": markup.VERSION,
        "state": "published", "reasons": [{"check": "links", "code": "links", "message": "Many links."}],
    },
    "commentbox_decision": {
        "batch_id": NUMBER, "undoes_id": NUMBER, "change": "edited", "old_state": "held",
        "new_state": "held", "entrance": "dashboard",
        "before": {
            "text": "Alt", "text_format": "markdown", "name": "", "website": "", "edited_at": None,
        },
    },
    "commentbox_report": {"decision_id": NUMBER},
    "commentbox_vote": {"value": -1},
    "commentbox_ban": {"kind": "author", "value": str(NUMBER)},
    "commentbox_moderator": {"email": "ada@example.org"},
    "commentbox_membership": {"role": "owner"},
    "commentbox_mail_preference": {"pace": "digest"},
    "commentbox_thread_decision": {
        "deed": "pinned", "facts": {"comment": NUMBER}, "entrance": "cli",
    },
    "commentbox_erasure": {"mode": "delete"},
    "commentbox_endpoint": {
        "url": "https://me:secret@hooks.example:8443/comments?key=secret", "shape": "webhook",
        "disabled_because": "owner",
    },
}  # fmt: skip
"""What must make sense; a column that is not named here gets a value of its type."""

REPLY = {
    "id": NUMBER + 1, "parent_id": NUMBER, "depth": 1, "conversation_size": 0, "has_replies": False,
    "author_id": NUMBER, "state": "held", "text": "<b>Nein</b>", "text_format": "html",
    "html": html_of("<b>Nein</b>", TextFormat.HTML), "text_digest": text_digest("<b>Nein</b>"),
    "source": None, "foreign_id": None, "anchor": None, "edited_at": None,
    "idempotency_digest": None,
}  # fmt: skip


def fill_every_table(connection: Connection) -> None:
    """Write one row into each table, and a reply to the comment."""
    made = count(1)
    for table in Base.metadata.sorted_tables:
        row = {column.name: _value(table, column, next(made)) for column in table.columns}
        connection.execute(insert(table), [row])
        if table.name == Comment.__tablename__:
            connection.execute(insert(table), [row | REPLY])


def archived_rows(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """Return what an archive has to keep of every table, by its name."""
    return {
        table_of(row).name: sorted(_kept(connection, row), key=repr)
        for row in _rows()
        if row not in LEFT_OUT_TABLES
    }


def left_out_rows(connection: Connection) -> list[str]:
    """Return the tables that an archive leaves out and that have rows."""
    return [
        table_of(row).name
        for row in LEFT_OUT_TABLES
        if connection.execute(select(table_of(row))).first() is not None
    ]


def _rows() -> Iterator[type[Base]]:
    return (mapper.class_ for mapper in Base.registry.mappers)


def _kept(connection: Connection, row: type[Base]) -> Iterator[dict[str, Any]]:
    table = table_of(row)
    # Where a row stands is told by the numbers that comments and threads keep.
    lost = LEFT_OUT[row].keys() - {"comment_id", "thread_id"}
    for found in connection.execute(select(table)).mappings():
        yield {name: value for name, value in found.items() if name not in lost}


def _value(table: Table, column: Column[Any], at: int) -> Any:
    chosen = CHOSEN.get(table.name, {})
    if column.name in chosen:
        return chosen[column.name]
    if column.foreign_keys or column.name == "id":
        return NUMBER
    kind = getattr(column.type, "impl", column.type)
    match kind:
        case Boolean():
            return not (column.default.arg if column.default else False)
        case Float():
            return at + 0.5
        case Integer():
            return at + 100
        case DateTime():
            return NOON + timedelta(seconds=at, microseconds=7)
        case Date():
            return date(2026, 3, 1)
        case LargeBinary():
            return bytes([at % 256]) * (kind.length or 1)
        case JSON():
            return ["comment.posted"] if _is_list(column) else {"told": column.name}
        case String():
            return f"{column.name} of {table.name}"[: kind.length]
    raise AssertionError(f"{table.name}.{column.name} is of a type that has no value here")


def _is_list(column: Column[Any]) -> bool:
    return column.default is not None and getattr(column.default.arg, "__name__", "") == "list"
