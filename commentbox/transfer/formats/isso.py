"""Isso: its SQLite database, and the generic JSON that it imports itself."""

from collections.abc import Iterator

from commentbox.transfer.record import Found, Page, Record, Remark, StateName
from commentbox.transfer.source import SourceFile, json, sqlite
from commentbox.transfer.source.values import line, mappings, moment, number, text, unescaped

STATES: dict[int, StateName] = {1: "published", 2: "held", 4: "removed"}

_QUERY = """
SELECT c.*, t.uri, t.title AS page_title FROM comments AS c JOIN threads AS t ON t.id = c.tid
ORDER BY c.id
"""


def recognises(file: SourceFile) -> bool:
    """Whether a file is Isso's database or its generic JSON."""
    if file.is_sqlite:
        return {"comments", "threads"} <= sqlite.tables(file) and "tid" in sqlite.columns(
            file, "comments"
        )
    head = file.head_text.lstrip()
    return head.startswith("[") and '"comments"' in head and '"remote_addr"' in head


def read(file: SourceFile) -> Iterator[Found]:
    """Yield the comments of all threads. Raises Unreadable."""
    return _database(file) if file.is_sqlite else _generic(file)


def _database(file: SourceFile) -> Iterator[Found]:
    has_subscribers = False
    for row in sqlite.rows(file, _QUERY):
        facts = dict(row)
        has_subscribers = has_subscribers or bool(facts.get("notification"))
        yield _record(facts)
    if has_subscribers:
        yield Remark(
            "Who had subscribed to replies is not subscribed here: that needs their consent."
        )


def _record(row: dict[str, object]) -> Record:
    state = STATES.get(number(row["mode"]), "held")
    is_gone = state == "removed"
    id = line(row["id"])
    return Record(
        id=id,
        page=Page(key=line(row["uri"]), title=line(row["page_title"])),
        parent=line(row["parent"]),
        text="" if is_gone else text(row["text"]),
        state=state,
        created_at=moment(row["created"]),
        edited_at=moment(row["modified"]),
        # Stored escaped for HTML since Isso 0.14.
        name="" if is_gone else unescaped(row["author"]),
        email="" if is_gone else line(row["email"]),
        website="" if is_gone else unescaped(row["website"]),
        score=number(row.get("likes")) - number(row.get("dislikes")),
        anchor=f"isso-{id}",
        place=f"comment {id}",
    )


def _generic(file: SourceFile) -> Iterator[Found]:
    for thread in json.items(file, ""):
        page = Page(key=line(thread.get("id")), title=line(thread.get("title")))
        for at, comment in enumerate(mappings(thread.get("comments"))):
            # Their ids are counted anew on each page, or all the same: the page makes them ids.
            yield Record(
                id=f"{page.key}#{line(comment.get('id'))}-{at}"[-200:],
                page=page,
                text=text(comment.get("text")),
                created_at=moment(comment.get("created")),
                name=line(comment.get("author")),
                email=line(comment.get("email")),
                website=line(comment.get("website")),
                place=f"{page.key}, comment {at + 1}",
            )
