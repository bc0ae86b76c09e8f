"""Remark42's backup: JSON lines, mostly packed, the first one about users and pages."""

from collections.abc import Iterator

from commentbox.transfer.record import Found, Page, Record, Remark
from commentbox.transfer.source import SourceFile, json
from commentbox.transfer.source.values import is_yes, line, mapping, mappings, moment, number, text


def recognises(file: SourceFile) -> bool:
    """Whether a file begins as Remark42's backups do."""
    first, _, rest = file.head_text.partition("\n")
    return '"version"' in first[:200] and '"locator"' in (rest or first) and '"user"' in rest


def read(file: SourceFile) -> Iterator[Found]:
    """Yield the comments of all pages. Raises Unreadable."""
    closed: frozenset[str] = frozenset()
    for at, item in json.lines(file):
        if "version" in item and "locator" not in item:
            closed = frozenset(
                line(post.get("url"))
                for post in mappings(item.get("posts"))
                if is_yes(post.get("read_only"))
            )
            if any(_is_blocked(user) for user in mappings(item.get("users"))):
                yield Remark("Blocked users were left out: ban them here if they come back.")
        else:
            yield _record(item, closed, f"line {at}")


def _record(comment: json.Item, closed: frozenset[str], place: str) -> Record:
    id = line(comment.get("id"))
    user = mapping(comment.get("user"))
    locator = mapping(comment.get("locator"))
    url = line(locator.get("url"))
    is_gone = is_yes(comment.get("delete"))
    typed = text(comment.get("orig"))
    edit = mapping(comment.get("edit"))
    return Record(
        id=id,
        page=Page(
            url=url,
            title=line(comment.get("title")),
            is_open=url not in closed,
            site=line(locator.get("site")),
        ),
        parent=line(comment.get("pid")),
        # What was typed says more than the HTML that was made of it.
        text="" if is_gone else typed or text(comment.get("text")),
        text_format="markdown" if typed else "html",
        state="removed" if is_gone else "published",
        created_at=moment(comment.get("time")),
        edited_at=moment(edit.get("time")),
        name="" if is_gone else line(user.get("name")),
        score=number(comment.get("score")),
        is_staff=is_yes(user.get("admin")) and not is_gone,
        is_pinned=is_yes(comment.get("pin")),
        anchor=f"remark42__comment-{id}",
        place=place,
    )


def _is_blocked(user: json.Item) -> bool:
    return is_yes(mapping(user.get("blocked")).get("status"))
