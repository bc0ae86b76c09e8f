"""The exporter: a site as an archive that loses nothing, or as a table for a spreadsheet."""

import csv
import gzip
import io
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import Connection, RowMapping, select

from commentbox.db import Base, snapshot
from commentbox.errors import SetupError
from commentbox.models import (
    AddressProof,
    Ban,
    Comment,
    Decision,
    Endpoint,
    Erasure,
    MailPreference,
    MailRefusal,
    Membership,
    Moderator,
    Report,
    Site,
    SiteOrigin,
    Subscription,
    Thread,
    ThreadAlias,
    ThreadDecision,
    Vote,
)
from commentbox.transfer.columns import BY_MODERATOR, as_json, safe_address, table_of, written

VERSION = 1
AT_ONCE = 500

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a cell that begins with one of these for a formula and may run it."""

CSV_COLUMNS = (
    "id", "page", "parent_id", "state", "name", "email", "website", "text", "score", "created_at",
    "edited_at", "source",
)  # fmt: skip

Line = dict[str, object]
Row = dict[str, Any]


def export_site(site_key: str, path: Path) -> int:
    """Write a site's archive and return how many comments are in it. Raises SetupError.

    The file appears only once it is whole; it is the same, byte for byte, as long as the site is.
    """
    comments = 0
    with snapshot() as store, _new_file(path) as file:
        for line in archive_lines(store, site_key):
            comments += line["type"] == "comment"
            file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
    return comments


def archive_lines(store: Connection, site_key: str) -> Iterator[Line]:
    """Yield the lines of an archive: header, site and what is its own, threads and comments."""
    site = _site(store, site_key)
    yield {"type": "commentbox", "version": VERSION}
    origins = select(SiteOrigin.origin).where(SiteOrigin.site_id == site["id"])
    yield {
        "type": "site",
        "key": site["key"],
        "origins": list(store.scalars(origins.order_by(SiteOrigin.id))),
        **written(Site, site),
    }
    yield from _accounts(store, site["id"])
    for kind, row in _OF_SITE.items():
        for line in _below(store, row, "site_id", site["id"]):
            yield {"type": kind, **line}
    threads = table_of(Thread)
    query = select(threads).where(threads.c.site_id == site["id"])
    for thread in _sorted(store.execute(query).mappings().all(), ("key",)):
        yield from _thread(store, thread)


def export_csv(site_key: str, path: Path) -> int:
    """Write a site's comments as a table for a spreadsheet; return how many there are."""
    count = 0
    with snapshot() as store, _new_file(path, packed=False) as file:
        site = _site(store, site_key)
        writer = csv.writer(file)
        writer.writerow(CSV_COLUMNS)
        comments, threads = table_of(Comment), table_of(Thread)
        query = (
            select(comments, threads.c.key.label("page"))
            .join(threads, threads.c.id == comments.c.thread_id)
            .where(comments.c.site_id == site["id"])
            .order_by(comments.c.id)
        )
        for row in store.execution_options(yield_per=AT_ONCE).execute(query).mappings():
            writer.writerow([guarded(row[name]) for name in CSV_COLUMNS])
            count += 1
    return count


def guarded(value: object) -> object:
    """Return a cell that no spreadsheet takes for a formula: ``'=1+1`` for ``=1+1``."""
    shown = as_json(value)
    if isinstance(shown, str) and shown.lstrip(" \n").startswith(FORMULA_STARTS):
        return f"'{shown}"
    return "" if shown is None else shown


def _site(store: Connection, key: str) -> Row:
    sites = table_of(Site)
    found = store.execute(select(sites).where(sites.c.key == key)).mappings().first()
    if found is None:
        raise SetupError("There is no site “%(site)s” to export.", site=key)
    return dict(found)


def _thread(store: Connection, thread: Row) -> Iterator[Line]:
    aliases = select(ThreadAlias.key).where(ThreadAlias.thread_id == thread["id"])
    yield {
        "type": "thread",
        **written(Thread, thread),
        "aliases": sorted(store.scalars(aliases)),
        "decisions": _below(store, ThreadDecision, "thread_id", thread["id"]),
    }
    comments = table_of(Comment)
    last = 0
    while rows := (
        store.execute(
            select(comments)
            .where(comments.c.thread_id == thread["id"], comments.c.id > last)
            .order_by(comments.c.id)
            .limit(AT_ONCE)
        )
        .mappings()
        .all()
    ):
        last = rows[-1]["id"]
        numbers = [row["id"] for row in rows]
        below = {name: _grouped(store, row, numbers) for name, row in _OF_COMMENT.items()}
        for row in rows:
            hanging = {name: grouped.get(row["id"], []) for name, grouped in below.items()}
            yield {"type": "comment", **written(Comment, dict(row)), **hanging}


def _accounts(store: Connection, site: int) -> Iterator[Line]:
    """Yield who has a role on the site alone, or has left a decision or a ban there."""
    members = select(Membership.moderator_id, Membership.role).where(Membership.site_id == site)
    roles = {row.moderator_id: row.role for row in store.execute(members)}
    deciding = (
        select(Decision.moderator_id).join(Comment).where(Comment.site_id == site),
        select(ThreadDecision.moderator_id).where(ThreadDecision.site_id == site),
        select(Ban.moderator_id).where(Ban.site_id == site),
    )
    numbers = {*roles, *(n for query in deciding for n in store.scalars(query.distinct()))}
    accounts, preferences = table_of(Moderator), table_of(MailPreference)
    query = (
        select(accounts, preferences.c.pace)
        .outerjoin(preferences, preferences.c.moderator_id == accounts.c.id)
        .where(accounts.c.id.in_(numbers - {None}))
    )
    for row in _sorted(store.execute(query).mappings().all(), ("email",)):
        account = written(Moderator, row)
        yield {"type": "account", **account, "role": roles.get(row["id"]), "pace": row["pace"]}


def _below(store: Connection, row: type[Base], column: str, number: int) -> list[Line]:
    table = table_of(row)
    query = select(table).where(table.c[column] == number)
    rows = _sorted(store.execute(query).mappings().all(), _ORDER[row])
    return [_line(store, row, each) for each in rows]


def _grouped(store: Connection, row: type[Base], numbers: list[int]) -> dict[int, list[Line]]:
    table = table_of(row)
    query = select(table).where(table.c.comment_id.in_(numbers))
    grouped: dict[int, list[Line]] = {}
    for each in _sorted(store.execute(query).mappings().all(), _ORDER[row]):
        grouped.setdefault(each["comment_id"], []).append(_line(store, row, each))
    return grouped


_OF_SITE: Mapping[str, type[Base]] = {
    "ban": Ban,
    "refusal": MailRefusal,
    "erasure": Erasure,
    "endpoint": Endpoint,
}
_OF_COMMENT: Mapping[str, type[Base]] = {
    "decisions": Decision,
    "reports": Report,
    "votes": Vote,
    "subscriptions": Subscription,
    "proofs": AddressProof,
}
_ORDER: Mapping[type[Base], tuple[str, ...]] = {
    Ban: ("kind", "value"),
    MailRefusal: ("digest",),
    Erasure: ("digest",),
    Endpoint: ("id",),
    ThreadDecision: ("id",),
    Decision: ("id",),
    Report: ("network",),
    Vote: ("network",),
    Subscription: ("id",),
    AddressProof: ("digest",),
}
"""So that a site has one archive, whatever numbers its rows have."""


def _sorted(rows: Iterable[RowMapping], names: Sequence[str]) -> list[Row]:
    """Sort here: the databases put the same words into different orders."""
    return sorted(map(dict, rows), key=lambda row: tuple(row[name] for name in names))


def _line(store: Connection, row: type[Base], values: Row) -> Line:
    line = written(row, values)
    if row in BY_MODERATOR:
        by = select(Moderator.email).where(Moderator.id == values["moderator_id"])
        line["by"] = store.scalar(by) if values["moderator_id"] else None
    if row is Endpoint:
        line["url"] = safe_address(values["url"], values["shape"])
    return line


@contextmanager
def _new_file(path: Path, *, packed: bool = True) -> Iterator[TextIO]:
    """Open a file that appears under its name only once it is whole and on disk."""
    draft = path.with_name(f".{path.name}.part")
    try:
        with draft.open("wb") as raw:
            os.chmod(draft, 0o600)  # it holds addresses
            # Neither name nor time in the file: the same site makes the same bytes.
            stream: Any = gzip.GzipFile("", "wb", 6, raw, mtime=0) if packed else raw
            text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
            try:
                yield text
            finally:
                text.detach()
                if packed:
                    stream.close()
            raw.flush()
            os.fsync(raw.fileno())
        draft.replace(path)
    except OSError as error:
        raise SetupError(
            "“%(path)s” cannot be written: %(error)s.", path=path, error=error
        ) from error
    finally:
        draft.unlink(missing_ok=True)
