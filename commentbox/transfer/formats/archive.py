"""Our own archive: packed JSON lines, the header first, each thread before its comments."""

import re
from collections.abc import Iterator
from typing import Any

from commentbox.transfer.record import (
    Found,
    Kept,
    OfSite,
    OfSiteKind,
    Page,
    Record,
    SitePolicy,
    StateName,
)
from commentbox.transfer.source import SourceFile, json
from commentbox.transfer.source.values import line, mappings, moment, number, storable, text

VERSION = 1
STATES: dict[str, StateName] = {
    "published": "published",
    "held": "held",
    "spam": "spam",
    "removed": "removed",
}
OF_SITE: dict[str, OfSiteKind] = {
    "account": "account",
    "ban": "ban",
    "refusal": "refusal",
    "erasure": "erasure",
    "endpoint": "endpoint",
}
BELOW_COMMENTS = ("decisions", "reports", "votes", "subscriptions", "proofs")


HEADER = re.compile(r'\s*\{\s*"type"\s*:\s*"commentbox"\s*,\s*"version"\s*:')
"""Also as other programs than ours write it, with spaces."""


def recognises(file: SourceFile) -> bool:
    """Whether a file begins with our header."""
    return HEADER.match(file.head_text) is not None


def read(file: SourceFile) -> Iterator[Found]:
    """Yield the site, its pages and all their comments. Raises Unreadable."""
    page = Page()
    for at, item in json.lines(file):
        item = storable(item)
        kind = line(item.get("type"))
        if kind == "commentbox" and number(item.get("version")) > VERSION:
            raise file.unreadable(
                f"line {at}",
                "a newer release of commentbox wrote this archive",
                "Import it with that release or a later one.",
            )
        if kind == "site":
            yield _site(item)
        elif kind in OF_SITE:
            yield OfSite(kind=OF_SITE[kind], columns=item)
        elif kind == "thread":
            page = _page(item)
            yield page
        elif kind == "comment":
            yield _record(item, page, f"line {at}")


def _site(item: dict[str, Any]) -> SitePolicy:
    origins = item.get("origins")
    return SitePolicy(
        origins=tuple(line(each) for each in origins) if isinstance(origins, list) else (),
        kept=Kept(columns=item),
    )


def _page(item: dict[str, Any]) -> Page:
    aliases = item.get("aliases")
    return Page(
        key=line(item.get("key")),
        url=line(item.get("url")),
        title=line(item.get("title")),
        is_open=item.get("is_open") is not False,
        aliases=tuple(line(each) for each in aliases) if isinstance(aliases, list) else (),
        created_at=moment(item.get("created_at")),
        kept=Kept(columns=item, below={"decisions": tuple(mappings(item.get("decisions")))}),
    )


def _record(item: dict[str, Any], page: Page, place: str) -> Record:
    own = item.get("id")
    source, foreign_id = line(item.get("source")), line(item.get("foreign_id"))
    below = {name: tuple(mappings(item.get(name))) for name in BELOW_COMMENTS}
    return Record(
        id=line(own),
        number=own if isinstance(own, int) and 0 < own < 2**53 else None,
        origin=(source, foreign_id) if source and foreign_id else None,
        page=page,
        parent=line(item.get("parent_id")),
        text=text(item.get("text")),
        text_format="html" if item.get("text_format") == "html" else "markdown",
        state=STATES.get(line(item.get("state")), "held"),
        created_at=moment(item.get("created_at")),
        edited_at=moment(item.get("edited_at")),
        name=text(item.get("name")),
        email=text(item.get("email")),
        website=text(item.get("website")),
        score=number(item.get("score")),
        anchor=text(item.get("anchor")),
        place=place,
        kept=Kept(columns=item, below=below),
    )
