"""Commento's export, and Comentario's of the versions 1 and 3."""

from collections.abc import Iterator

from commentbox.transfer.record import Found, Page, Record, StateName
from commentbox.transfer.source import SourceFile, json
from commentbox.transfer.source.lookup import Lookup
from commentbox.transfer.source.values import is_yes, line, moment, number, text

ANONYMOUS = frozenset({"", "anonymous", "0" * 64, "00000000-0000-0000-0000-000000000000"})
STATES: dict[str, StateName] = {
    "": "published",
    "approved": "published",
    "unapproved": "held",
    "flagged": "held",
}


def recognises(file: SourceFile) -> bool:
    """Whether a file is Commento's export, or Comentario's version 1."""
    return '"commentHex"' in file.head_text


def read(file: SourceFile) -> Iterator[Found]:
    """Yield the comments of all pages. Raises Unreadable."""
    known = ((line(who.get("commenterHex")), who) for who in json.items(file, "commenters"))
    with Lookup(known) as commenters:
        for comment in json.items(file, "comments"):
            who = _author(line(comment.get("commenterHex")), commenters)
            yield _record(comment, who)


def recognises_comentario(file: SourceFile) -> bool:
    """Whether a file is Comentario's export of version 3."""
    head = file.head_text
    return '"pageId"' in head and '"markdown"' in head and '"comments"' in head


def read_comentario(file: SourceFile) -> Iterator[Found]:
    """Yield the comments of all pages. Raises Unreadable."""
    pages = ((line(page.get("id")), page) for page in json.items(file, "pages"))
    people = ((line(who.get("id")), who) for who in json.items(file, "commenters"))
    with Lookup(pages) as known_pages, Lookup(people) as commenters:
        for comment in json.items(file, "comments"):
            page = known_pages.get(line(comment.get("pageId")))
            yield _comentario_record(comment, page, commenters)


def _record(comment: json.Item, who: json.Item) -> Record:
    id = line(comment.get("commentHex"))
    parent = line(comment.get("parentHex"))
    typed = text(comment.get("markdown"))
    is_gone = is_yes(comment.get("deleted")) or (not typed and not comment.get("html"))
    is_gone = is_gone or typed.strip() == "[deleted]"
    host, path = line(comment.get("domain") or comment.get("host")), comment.get("url")
    path = line(path or comment.get("path"))
    return Record(
        id=id,
        page=Page(url=_address(host, path), key="" if host else path, site=host),
        parent="" if parent == "root" else parent,
        text="" if is_gone else typed or text(comment.get("html")),
        text_format="markdown" if typed else "html",
        state="removed" if is_gone else STATES.get(line(comment.get("state")).lower(), "held"),
        created_at=moment(comment.get("creationDate")),
        name="" if is_gone else _name(who),
        email="" if is_gone else line(who.get("email")),
        website="" if is_gone else _website(who.get("link") or who.get("websiteUrl")),
        score=number(comment.get("score")),
        is_staff=is_yes(who.get("isModerator")) and not is_gone,
        anchor=f"commento-{id}",
        place=f"comment {id[:12]}",
    )


def _comentario_record(comment: json.Item, page: json.Item, commenters: Lookup) -> Record:
    id = line(comment.get("id"))
    who = _author(line(comment.get("userCreated")), commenters)
    typed = text(comment.get("markdown"))
    is_gone = is_yes(comment.get("isDeleted"))
    return Record(
        id=id,
        page=Page(
            key=line(page.get("path")),
            title=line(page.get("title")),
            is_open=not is_yes(page.get("isReadonly")),
        ),
        parent=line(comment.get("parentId")),
        text="" if is_gone else typed or text(comment.get("html")),
        text_format="markdown" if typed else "html",
        state=_comentario_state(comment),
        created_at=moment(comment.get("createdTime")),
        edited_at=moment(comment.get("editedTime")),
        name="" if is_gone else line(comment.get("authorName")) or _name(who),
        email="" if is_gone else line(who.get("email")),
        website="" if is_gone else _website(who.get("websiteUrl")),
        score=number(comment.get("score")),
        is_staff=is_yes(who.get("isModerator")) and not is_gone,
        is_pinned=is_yes(comment.get("isSticky")),
        anchor=f"comentario-{id}",
        place=f"comment {id}",
    )


def _comentario_state(comment: json.Item) -> StateName:
    if is_yes(comment.get("isDeleted")):
        return "removed"
    return "published" if is_yes(comment.get("isApproved")) else "held"


def _author(id: str, commenters: Lookup) -> json.Item:
    return {} if id in ANONYMOUS else commenters.get(id)


def _name(who: json.Item) -> str:
    name = line(who.get("name"))
    return "" if name in ("Anonymous", "undefined") else name


def _website(link: object) -> str:
    website = line(link)
    return "" if website == "undefined" else website


def _address(host: str, path: str) -> str:
    return f"https://{host}/{path.lstrip('/')}" if host else ""
