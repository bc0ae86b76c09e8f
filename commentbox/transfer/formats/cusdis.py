"""Cusdis: its SQLite database, or an SQL dump of PostgreSQL or MySQL with its tables."""

from collections.abc import Iterator
from typing import Any

from commentbox.transfer.record import Found, Page, Record, StateName
from commentbox.transfer.source import SourceFile, dump, sqlite
from commentbox.transfer.source.lookup import Lookup
from commentbox.transfer.source.values import is_yes, line, moment, text

COMMENTS, PAGES = "comments", "pages"

_QUERY = """
SELECT c.*, p.slug, p.url, p.title, p."projectId" FROM comments AS c JOIN pages AS p ON p.id = c."pageId"
ORDER BY c.created_at
"""


def recognises(file: SourceFile) -> bool:
    """Whether a file is Cusdis' database or a dump of it."""
    if file.is_sqlite:
        return {COMMENTS, PAGES} <= sqlite.tables(file) and "by_nickname" in sqlite.columns(
            file, COMMENTS
        )
    return dump.is_dump(file) and "by_nickname" in file.head_text


def read(file: SourceFile) -> Iterator[Found]:
    """Yield the comments of all pages. Raises Unreadable."""
    if file.is_sqlite:
        for row in sqlite.rows(file, _QUERY):
            yield _record(dict(row))
        return
    # A dump is sorted by table, and by no order that we could rely on: once for each.
    with Lookup((text(page.get("id")), page) for page in dump.rows(file, PAGES)) as pages:
        for comment in dump.rows(file, COMMENTS):
            yield _record(pages.get(text(comment.get("pageId"))) | comment)


def _record(row: dict[str, Any]) -> Record:
    state = _state(row)
    is_gone = state == "removed"
    slug, url = line(row.get("slug")), line(row.get("url"))
    return Record(
        id=line(row.get("id")),
        page=Page(
            key=slug,
            url=url,
            title=line(row.get("title")),
            aliases=(url,) if url else (),
            site=line(row.get("projectId")),
        ),
        parent=line(row.get("parentId")),
        text="" if is_gone else text(row.get("content")),
        state=state,
        created_at=moment(row.get("created_at")),
        name="" if is_gone else line(row.get("by_nickname")),
        email="" if is_gone else line(row.get("by_email")),
        is_staff=bool(row.get("moderatorId")) and not is_gone,
        place=f"comment {line(row.get('id'))}",
    )


def _state(row: dict[str, Any]) -> StateName:
    if row.get("deletedAt") or row.get("deleted_at"):
        return "removed"
    return "published" if is_yes(row.get("approved")) else "held"
