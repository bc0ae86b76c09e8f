"""Artalk's Artrans: a JSON array, everything in it a string."""

from collections.abc import Iterator

from commentbox.transfer.record import Found, Page, Record
from commentbox.transfer.source import SourceFile, json
from commentbox.transfer.source.values import is_yes, line, moment, number, text


def recognises(file: SourceFile) -> bool:
    """Whether a file is an Artrans."""
    return '"page_key"' in file.head_text and '"rid"' in file.head_text


def read(file: SourceFile) -> Iterator[Found]:
    """Yield the comments of all pages. Raises Unreadable."""
    for comment in json.items(file, ""):
        yield _record(comment)


def _record(comment: json.Item) -> Record:
    id = line(comment.get("id"))
    parent = line(comment.get("rid"))
    created = moment(comment.get("created_at")) or moment(comment.get("date"))
    updated = moment(comment.get("updated_at"))
    return Record(
        id=id,
        page=Page(
            key=line(comment.get("page_key")),
            title=line(comment.get("page_title")),
            is_open=not is_yes(comment.get("page_admin_only")),
            site=line(comment.get("site_name")),
        ),
        parent="" if parent == "0" else parent,
        text=text(comment.get("content")),
        state="held" if is_yes(comment.get("is_pending")) else "published",
        created_at=created,
        edited_at=updated if updated and created and updated > created else None,
        name=line(comment.get("nick")),
        email=line(comment.get("email")),
        website=line(comment.get("link")),
        score=number(comment.get("vote_up")) - number(comment.get("vote_down")),
        is_pinned=is_yes(comment.get("is_pinned")),
        anchor=f"atk-comment-{id}",
        place=f"comment {id}",
    )
