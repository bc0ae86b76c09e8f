"""Waline's export, and LeanCloud's and Valine's, from whose store it came."""

from collections.abc import Iterator
from dataclasses import replace

from commentbox.transfer.record import Found, Page, Record, Remark, StateName
from commentbox.transfer.source import SourceFile, json
from commentbox.transfer.source.values import identifier, is_yes, line, moment, number, text

STATES: dict[str, StateName] = {
    "": "published",
    "approved": "published",
    "waiting": "held",
    "spam": "spam",
}


def recognises(file: SourceFile) -> bool:
    """Whether a file is Waline's export."""
    return '"waline"' in file.head_text[:4000] and '"type"' in file.head_text[:4000]


def read(file: SourceFile) -> Iterator[Found]:
    """Yield the comments of all pages. Raises Unreadable."""
    accounts = False
    staff: set[str] = set()
    # As its dashboard saves it, or wrapped as its server answers.
    for user in json.items(file, "data.Users", "data.data.Users"):
        accounts = True
        if user.get("type") == "administrator":
            staff.add(identifier(user.get("objectId")))
    for comment in json.items(file, "data.Comment", "data.data.Comment"):
        by = identifier(comment.get("user_id"))
        yield replace(record(comment, "markdown"), is_staff=bool(by) and by in staff)
    if accounts:
        yield Remark("Accounts, with their passwords and second factors, were left out.")


def recognises_valine(file: SourceFile) -> bool:
    """Whether a file is a LeanCloud export of Valine's comments."""
    head = file.head_text
    is_valine = '"objectId"' in head and '"comment"' in head and '"nick"' in head
    return is_valine and not recognises(file)


def read_valine(file: SourceFile) -> Iterator[Found]:
    """Yield the comments of an array, of ``results``, or of one object a line. Raises Unreadable."""
    if json.has_one_object_a_line(file):
        for _, comment in json.lines(file):
            yield record(comment, "html")
    else:
        for comment in json.items(file, "", "results"):
            yield record(comment, "html")


def record(comment: json.Item, text_format: str) -> Record:
    """Return a comment of the shape that Waline and Valine share."""
    id = identifier(comment.get("objectId") or comment.get("_id"))
    state = STATES.get(line(comment.get("status")).lower(), "held")
    if is_yes(comment.get("isSpam")):
        state = "spam"
    return Record(
        id=id,
        page=Page(key=line(comment.get("url"))),
        parent=identifier(comment.get("pid") or comment.get("rid")),
        text=text(comment.get("comment")),
        text_format="html" if text_format == "html" else "markdown",
        state=state,
        created_at=moment(comment.get("insertedAt")) or moment(comment.get("createdAt")),
        name=line(comment.get("nick")),
        email=line(comment.get("mail")),
        website=line(comment.get("link")),
        score=number(comment.get("like")),
        is_pinned=is_yes(comment.get("sticky")),
        anchor=id if len(id) >= 24 else "",  # LeanCloud's and MongoDB's ids; others are too short
        place=f"comment {id}",
    )
