"""Backup and restore: the whole store in one file, of either kind of database, for either kind.

A backup is packed JSON lines of all tables as one moment had them. It is called done only when it
has been restored into a scratch file and is equal there, row by row.
"""

import base64
import gzip
import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    Date,
    DateTime,
    Engine,
    LargeBinary,
    MetaData,
    Table,
    delete,
    func,
    insert,
    select,
    text,
    update,
)

from commentbox import schema
from commentbox.db import Base, begin_immediate, current_database, own_engine, snapshot
from commentbox.errors import SetupError
from commentbox.models import Comment, Erasure, Site
from commentbox.transfer.source import SourceFile
from commentbox.transfer.source import json as json_source

VERSION = 1
KIND = "commentbox-backup"
AT_ONCE = 500

Line = dict[str, Any]


@dataclass(frozen=True)
class Told:
    """What a backup holds: rows by table, and a digest of them all."""

    rows: Mapping[str, int]
    digest: str

    @property
    def comments(self) -> int:
        """How many comments are in it."""
        return self.rows.get(Comment.__tablename__, 0)


def back_up(path: Path) -> Told:
    """Write a backup while the service runs, and check that it can be restored. Raises SetupError."""
    draft = path.with_name(f".{path.name}.part")
    try:
        with snapshot() as store:
            told = _write(draft, _dumped(store, schema.newest_revision() or ""))
        with _scratch(SourceFile(draft, path.name)) as scratch, scratch.connect() as connection:
            restored = _told(_rows(connection))
        if restored != told:
            raise SetupError(
                "The backup is not equal to the store: nothing was written. Try again."
            )
        draft.replace(path)
    except OSError as error:
        raise SetupError(
            "“%(path)s” cannot be written: %(error)s.", path=path, error=error
        ) from error
    finally:
        draft.unlink(missing_ok=True)
    return told


def restore(path: Path, *, overwrite: bool = False) -> Told:
    """Put a backup in the place of all that is there, in one transaction.

    Refuses to overwrite a store that has sites unless told to. Raises SetupError and Unreadable;
    then everything is as it was.
    """
    engine = current_database().engine
    with _scratch(SourceFile(path)) as scratch, scratch.connect() as source:
        told = _told(_rows(source))
        with engine.begin() as target:
            if engine.dialect.name == "sqlite":
                begin_immediate(target)
            if target.scalar(select(func.count()).select_from(Site)) and not overwrite:
                raise SetupError(
                    "There are sites in this store already: back it up, then restore with --force "
                    "to put the backup in its place."
                )
            version = target.scalar(select(func.max(Site.version))) or 0
            erasures = _erasures(target)
            _replace(source, target)
            _remember_erasures(target, erasures)
            # No prepared answer of before may be taken for one of now.
            target.execute(update(Site).values(version=Site.version + version + 1))
    return told


def _erasures(store: Connection) -> list[dict[str, Any]]:
    """Return who was erased, by the keys of sites: the numbers may be others in the backup."""
    query = select(Site.key, Erasure.digest, Erasure.mode, Erasure.erased_at)
    found = store.execute(query.join(Site, Site.id == Erasure.site_id))
    return [dict(row) for row in found.mappings()]


def _remember_erasures(store: Connection, erasures: list[dict[str, Any]]) -> None:
    known = {(each["key"], each["digest"]) for each in _erasures(store)}
    for each in erasures:
        site = store.scalar(select(Site.id).where(Site.key == each["key"]))
        if site is not None and (each["key"], each["digest"]) not in known:
            values = {name: value for name, value in each.items() if name != "key"}
            store.execute(insert(Erasure).values(site_id=site, **values))


def _write(draft: Path, lines: Iterable[Line]) -> Told:
    rows: dict[str, int] = {}
    digest = hashlib.sha256()
    with draft.open("wb") as raw:
        os.chmod(draft, 0o600)
        with gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed:
            for line in lines:
                data = json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
                packed.write(data)
                if "table" in line:
                    rows[line["table"]] = rows.get(line["table"], 0) + 1
                    digest.update(data)
        raw.flush()
        os.fsync(raw.fileno())
    return Told(rows, digest.hexdigest())


def _told(lines: Iterable[Line]) -> Told:
    rows: dict[str, int] = {}
    digest = hashlib.sha256()
    for line in lines:
        data = json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        rows[line["table"]] = rows.get(line["table"], 0) + 1
        digest.update(data)
    return Told(rows, digest.hexdigest())


def _dumped(store: Connection, revision: str) -> Iterator[Line]:
    yield {"type": KIND, "version": VERSION, "schema": revision, "last": _last_number(store)}
    yield from _rows(store)


def _rows(store: Connection) -> Iterator[Line]:
    for table in Base.metadata.sorted_tables:
        order = list(table.primary_key.columns)
        if table.name == Comment.__tablename__:
            order = [table.c.depth, *order]  # parents first
        query = select(table).order_by(*order)
        for row in store.execution_options(yield_per=AT_ONCE).execute(query).mappings():
            values = {name: _as_json(value) for name, value in row.items()}
            yield {"table": table.name, "row": values}


@contextmanager
def _scratch(file: SourceFile) -> Iterator[Engine]:
    """Restore a backup into a scratch file of the newest schema. Raises Unreadable and SetupError."""
    with tempfile.TemporaryDirectory(prefix="commentbox-") as folder:
        engine = own_engine(f"sqlite:///{folder}/scratch.sqlite3")
        try:
            lines = json_source.lines(file)
            header = next((line for _, line in lines), {})
            _require_backup(file, header)
            schema.upgrade(engine, header["schema"])
            with engine.begin() as connection:
                begin_immediate(connection)
                connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
                metadata = MetaData()
                metadata.reflect(connection, only=lambda name, _: schema.is_table_of_ours(name))
                _fill(connection, metadata, (line for _, line in lines), file)
                _raise_last(connection, header.get("last"))
            schema.upgrade(engine)
            yield engine
        finally:
            engine.dispose()


def _require_backup(file: SourceFile, header: Line) -> None:
    if header.get("type") != KIND or not isinstance(header.get("schema"), str):
        raise file.unreadable(
            "line 1",
            "this is no backup of commentbox",
            "Archives of single sites are read by “commentbox import”.",
        )
    if header["schema"] not in schema.known_revisions():
        raise file.unreadable(
            "line 1",
            "a newer release of commentbox made this backup",
            "Install that release, and restore with it.",
        )


def _fill(
    connection: Connection, metadata: MetaData, lines: Iterable[Line], file: SourceFile
) -> None:
    for name, group in groupby(lines, key=lambda line: line.get("table")):
        table = metadata.tables.get(str(name))
        if table is None:
            raise file.unreadable(
                "", "there is no table “%(name)s”", "The backup was changed.", name=name
            )
        rows = (_from_json(table, line["row"]) for line in group)
        while batch := list(islice(rows, AT_ONCE)):
            connection.execute(insert(table), batch)


def _replace(source: Connection, target: Connection) -> None:
    tables = Base.metadata.sorted_tables
    for table in reversed(tables):
        target.execute(delete(table))
    for table in tables:
        order = list(table.primary_key.columns)
        if table.name == Comment.__tablename__:
            order = [table.c.depth, *order]
        found = source.execution_options(yield_per=AT_ONCE).execute(select(table).order_by(*order))
        for batch in found.mappings().partitions(AT_ONCE):
            target.execute(insert(table), [dict(row) for row in batch])
    _raise_last(target, _last_number(source))
    if target.dialect.name == "postgresql":
        for table in tables:
            _count_on(target, table)


def _count_on(target: Connection, table: Table) -> None:
    """Let PostgreSQL number the next row after the largest that came with its number."""
    query = text("SELECT pg_get_serial_sequence(:table, 'id')")
    sequence = target.scalar(query, {"table": table.name}) if "id" in table.c else None
    if sequence is not None and (largest := target.scalar(select(func.max(table.c.id)))):
        last = target.scalar(text("SELECT pg_sequence_last_value(:name)"), {"name": sequence})
        if largest > (last or 0):
            target.execute(text("SELECT setval(:name, :to)"), {"name": sequence, "to": largest})


def _last_number(store: Connection) -> int:
    """Return the last number that a comment was given, also if it is gone since."""
    name = {"table": Comment.__tablename__}
    if store.dialect.name == "sqlite":
        query = "SELECT max(seq) FROM sqlite_sequence WHERE name = :table"
    else:
        query = "SELECT pg_sequence_last_value(pg_get_serial_sequence(:table, 'id')::regclass)"
    return int(store.scalar(text(query), name) or 0)


def _raise_last(store: Connection, last: object) -> None:
    if not isinstance(last, int) or last <= 0 or last <= _last_number(store):
        return
    values = {"table": Comment.__tablename__, "last": last}
    if store.dialect.name == "postgresql":
        store.execute(text("SELECT setval(pg_get_serial_sequence(:table, 'id'), :last)"), values)
        return
    store.execute(text("DELETE FROM sqlite_sequence WHERE name = :table"), values)
    store.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:table, :last)"), values)


def _as_json(value: object) -> object:
    if isinstance(value, datetime):
        value = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return base64.b64encode(value).decode("ascii") if isinstance(value, bytes) else value


def _from_json(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _read(table.c[name].type, value) for name, value in row.items()}


def _read(kind: object, value: Any) -> Any:
    kind = getattr(kind, "impl", kind)
    if value is None:
        return None
    if isinstance(kind, DateTime):
        return datetime.fromisoformat(value).astimezone(UTC).replace(tzinfo=None)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    return base64.b64decode(value) if isinstance(kind, LargeBinary) else value
