"""The one shape: what every format yields and the importer takes; pure values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

StateName = Literal["published", "held", "spam", "removed"]
FormatName = Literal["markdown", "html"]
OfSiteKind = Literal["account", "ban", "refusal", "erasure", "endpoint"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Columns as an archive of commentbox has them, and the rows that hang on the row."""

    columns: Mapping[str, object]
    below: Mapping[str, tuple[Mapping[str, object], ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The page that a comment stands below, as its engine names it.

    The address is the page's key, unless the engine has an id of its own for it.
    """

    url: str = ""  # absolute, or "" if the engine keeps paths or ids only
    key: str = ""  # e.g. "/2014/test/" or "post-42"; "" when the address says it all
    title: str = ""
    is_open: bool = True
    site: str = (
        ""  # the site, project or domain there that it belongs to, where there may be several
    )
    aliases: tuple[str, ...] = ()  # ids and addresses that lead to the page as well
    created_at: datetime | None = None  # None: as old as its first comment
    kept: Kept | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One comment as another engine kept it, e.g. ``Record(id="12", page=…, text="Well said!")``.

    ``state`` is what the engine says, never a guess. A removed one without text is a tombstone: it
    is kept only where replies hang on it.
    """

    id: str  # of the comment in its engine, once in a file
    page: Page
    text: str
    text_format: FormatName = "markdown"
    state: StateName = "published"
    parent: str = ""  # id of the comment that it answers; "" for none
    created_at: datetime | None = None  # aware; None when the engine does not say
    edited_at: datetime | None = None
    name: str = ""
    email: str = ""
    website: str = ""
    score: int = 0
    is_staff: bool = False  # its author spoke for the site, as the engine itself kept it
    is_pinned: bool = False
    anchor: str = ""  # what followed "#" in the comment's old address, e.g. "isso-12"
    place: str = ""  # where it stands in the file, e.g. "line 12"

    # Only archives of commentbox itself know these.
    number: int | None = None
    origin: tuple[str, str] | None = None  # source and foreign id of one that was imported before
    kept: Kept | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Something in the file that does not become a comment, and why, e.g. ``"pingback"``."""

    reason: str  # one of report.REASONS
    id: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence that the owner should read, e.g. that passwords in the file were left out."""

    message: str  # with a place for each of the facts, e.g. "%(count)s were left out."
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePolicy:
    """A site with its origins and its owner's policy, told by an archive."""

    origins: tuple[str, ...]
    kept: Kept


@dataclass(frozen=True, slots=True, kw_only=True)
class OfSite:
    """A row that belongs to a site and to no page of it, told by an archive."""

    kind: OfSiteKind
    columns: Mapping[str, object]


Found = Record | Skipped | Remark | Page | SitePolicy | OfSite
"""What a format yields. A ``Page`` by itself is one that has no comment, or more to say of it."""
