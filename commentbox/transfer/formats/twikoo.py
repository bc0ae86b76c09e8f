"""Twikoo's export: a JSON array, or one object a line as its MongoDB writes them."""

import json as plain_json
from collections.abc import Iterator

from commentbox.transfer.record import Found, Page, Record
from commentbox.transfer.source import SourceFile, json
from commentbox.transfer.source.values import identifier, is_yes, line, moment, text

_OWN = ('"ups"', '"isSpam"', '"master"')


def recognises(file: SourceFile) -> bool:
    """Whether a file is Twikoo's export: Valine's shape with ids of MongoDB and marks of its own."""
    head = file.head_text
    has_shape = '"_id"' in head and '"nick"' in head and '"comment"' in head
    return has_shape and any(mark in head for mark in _OWN) and '"objectId"' not in head


def read(file: SourceFile) -> Iterator[Found]:
    """Yield the comments of all pages. Raises Unreadable."""
    if json.has_one_object_a_line(file):
        for _, comment in json.lines(file):
            yield _record(comment)
    else:
        for comment in json.items(file, "", "results", "data"):
            yield _record(comment)


def _record(comment: json.Item) -> Record:
    id = identifier(comment.get("_id"))
    ups = comment.get("ups") or comment.get("like")
    created, updated = moment(comment.get("created")), moment(comment.get("updated"))
    url, href = line(comment.get("url")), line(comment.get("href"))
    return Record(
        id=id,
        page=Page(key=url, url=href),
        parent=identifier(comment.get("pid") or comment.get("rid")),
        text=text(comment.get("comment")),
        text_format="html",
        state="spam" if is_yes(comment.get("isSpam")) else "published",
        created_at=created,
        edited_at=updated if updated and created and updated > created else None,
        name=line(comment.get("nick")),
        email=line(comment.get("mail")),
        website=line(comment.get("link")),
        score=_count(ups) - _count(comment.get("downs")),
        is_staff=is_yes(comment.get("master")),
        is_pinned=is_yes(comment.get("top")),
        anchor=id,
        place=f"comment {id}",
    )


def _count(votes: object) -> int:
    """Count voters; a way through CSV leaves arrays as JSON in a string."""
    if isinstance(votes, str):
        try:
            votes = plain_json.loads(votes)
        except (ValueError, RecursionError):
            return 0
    return len(votes) if isinstance(votes, list) else 0
