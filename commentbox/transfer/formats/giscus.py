"""giscus: GitHub Discussions as its GraphQL answers them, comments with one level of replies."""

from collections.abc import Iterator
from typing import Any

from commentbox.transfer.record import Found, Page, Record, Skipped
from commentbox.transfer.source import SourceFile, json
from commentbox.transfer.source.values import line, mapping, mappings, moment, number, text

_PATHS = (
    "data.repository.discussions.nodes",
    "[]..data.repository.discussions.nodes",  # several answers put together, as gh --slurp does
    "repository.discussions.nodes",
    "discussions.nodes",
    "discussions",
    "",
)


STAFF = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})


def recognises(file: SourceFile) -> bool:
    """Whether a file holds discussions with comments."""
    head = file.head_text
    return '"replies"' in head and '"author"' in head and '"login"' in head


def read(file: SourceFile) -> Iterator[Found]:
    """Yield the comments of all discussions. Raises Unreadable."""
    for discussion in json.items(file, *_PATHS):
        page = _page(discussion)
        for comment in _nodes(discussion.get("comments")):
            yield _found(comment, page, "")
            for reply in _nodes(comment.get("replies")):
                yield _found(reply, page, line(comment.get("id")))


def _page(discussion: dict[str, Any]) -> Page:
    # giscus names a discussion by the page's path, mostly without its first slash.
    title = line(discussion.get("title"))
    is_path = "/" in title and " " not in title and "://" not in title
    is_open = not (discussion.get("locked") or discussion.get("closed"))
    return Page(key=f"/{title.lstrip('/')}" if is_path else title, is_open=is_open)


def _nodes(connection: Any) -> list[dict[str, Any]]:
    nodes = connection.get("nodes") if isinstance(connection, dict) else connection
    return mappings(nodes)


def _found(comment: dict[str, Any], page: Page, parent: str) -> Found:
    id = line(comment.get("id"))
    if not page.key:
        return Skipped(reason="no_page", id=id)
    author = mapping(comment.get("author"))
    is_gone = bool(comment.get("deletedAt"))
    typed = text(comment.get("body"))
    return Record(
        id=id,
        page=page,
        parent=parent,
        text="" if is_gone else typed or text(comment.get("bodyHTML")),
        text_format="markdown" if typed else "html",
        state="removed" if is_gone else "held" if comment.get("isMinimized") else "published",
        created_at=moment(comment.get("createdAt")),
        edited_at=moment(comment.get("lastEditedAt")),
        name="" if is_gone else line(author.get("login")),
        website="" if is_gone else line(author.get("url")),
        is_staff=not is_gone and line(comment.get("authorAssociation")) in STAFF,
        score=number(comment.get("upvoteCount")),
        place=f"comment {id}",
    )
