"""WordPress' own export (WXR 1.0 to 1.2): Tools → Export in its dashboard."""

import re
from collections.abc import Iterator

from commentbox.transfer.record import Found, Page, Record, Skipped, StateName
from commentbox.transfer.source import SourceFile, xml
from commentbox.transfer.source.values import line, moment, unescaped

_OF_COMMENT = "wp:comment_"
_OF_ITEM = frozenset(
    {"title", "link", "guid", "wp:post_id", "wp:comment_status", "wp:status", "wp:post_type"}
)
_COMMENT_FIELDS = (
    "id", "author", "author_email", "author_url", "date", "date_gmt", "content", "approved", "type",
    "parent", "user_id",
)  # fmt: skip
_AUTHOR = "wp:author_id"
_KEPT = _OF_ITEM | {_AUTHOR} | {f"{_OF_COMMENT}{name}" for name in _COMMENT_FIELDS}

STATES: dict[str, StateName] = {
    "1": "published",
    "approve": "published",
    "approved": "published",
    "0": "held",
    "hold": "held",
    "spam": "spam",
    "trash": "removed",
    "post-trashed": "removed",
}

SPOKEN = frozenset({"", "comment", "review"})
"""Types that a person wrote for readers; others are shop notes, logs, pingbacks and trackbacks."""

_BREAK = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_PREFORMATTED = re.compile(r"(<pre\b.*?</pre\s*>)", re.IGNORECASE | re.DOTALL)
_STARTS_WITH_BLOCK = re.compile(
    r"</?(?:address|blockquote|div|dl|h[1-6]|li|ol|p|pre|table|ul)\b", re.IGNORECASE
)


def recognises(file: SourceFile) -> bool:
    """Whether a file declares WordPress' export namespace."""
    return "wordpress.org/export/1." in file.head_text


def read(file: SourceFile) -> Iterator[Found]:
    """Yield the comments of all posts and pages. Raises Unreadable."""
    item: dict[str, str] = {}
    comment: dict[str, str] = {}
    page: Page | None = None
    authors: set[str] = set()  # accounts of who wrote posts; they stand before all posts
    began = 0
    for event in xml.events(file, _KEPT):
        if isinstance(event, xml.Start):
            if event.name == "item":
                item, page = {}, None
            elif event.name == "wp:comment":
                comment, began = {}, event.line
        elif event.name == _AUTHOR:
            authors.add(line(event.text))
        elif event.name in _OF_ITEM:
            item[event.name.removeprefix("wp:")] = event.text
        elif event.name.startswith(_OF_COMMENT):
            comment[event.name.removeprefix(_OF_COMMENT)] = event.text
        elif event.name == "wp:comment":
            page = page or _page(item)
            is_staff = line(comment.get("user_id")) in authors - {"", "0"}
            yield _found(comment, page, item, f"line {began}", is_staff=is_staff)


def _page(item: dict[str, str]) -> Page:
    link, guid = line(item.get("link")), line(item.get("guid"))
    has_short_link = "?p=" in guid or "?page_id=" in guid
    aliases = (guid,) if has_short_link and guid != link else ()
    return Page(
        url=link or guid,
        title=unescaped(re.sub(r"<[^<>]*>", "", item.get("title", ""))),
        is_open=line(item.get("comment_status")) != "closed",
        aliases=aliases,
    )


def _found(
    comment: dict[str, str], page: Page, item: dict[str, str], place: str, *, is_staff: bool
) -> Found:
    number = line(comment.get("id"))
    kind = line(comment.get("type"))
    if kind not in SPOKEN:
        return Skipped(reason=_reason(kind), id=number, place=place)
    if line(item.get("status")) in ("trash", "auto-draft"):
        return Skipped(reason="page_deleted", id=number, place=place)
    if not page.url:
        return Skipped(reason="no_page", id=number, place=place)
    parent = line(comment.get("parent"))
    return Record(
        id=number,
        page=page,
        parent="" if parent == "0" else parent,
        text=paragraphs(comment.get("content", "")),
        text_format="html",
        state=STATES.get(line(comment.get("approved")).lower(), "held"),
        # The local time has no zone in the file: it serves where there is no other.
        created_at=moment(comment.get("date_gmt")) or moment(comment.get("date")),
        name=unescaped(comment.get("author")),
        email=line(comment.get("author_email")),
        website=unescaped(comment.get("author_url")),
        is_staff=is_staff,
        anchor=f"comment-{number}",
        place=place,
    )


def _reason(kind: str) -> str:
    return kind if kind in ("pingback", "trackback") else "not_for_readers"


def paragraphs(content: str) -> str:
    """Return HTML whose paragraphs and line breaks WordPress only makes when it shows them.

    ``"a\\nb\\n\\nc"`` becomes ``"<p>a<br>\\nb</p>\\n<p>c</p>"``.
    """
    parts = _PREFORMATTED.split(content.replace("\r\n", "\n").replace("\r", "\n").strip())
    return "\n".join(part if at % 2 else _broken(part) for at, part in enumerate(parts)).strip()


def _broken(text: str) -> str:
    blocks = (block.strip() for block in _BREAK.split(text))
    return "\n".join(
        block
        if _STARTS_WITH_BLOCK.match(block)
        else f"<p>{block.replace(chr(10), f'<br>{chr(10)}')}</p>"
        for block in blocks
        if block
    )
