"""What the database and the screens can hold of a record; nothing a reader wrote is cut."""

import re
from dataclasses import replace

from commentbox.models.comment import ANCHOR_MAX_CHARS, FOREIGN_ID_MAX_CHARS
from commentbox.transfer.record import Page, Record

NAME_MAX_CHARS = 100
EMAIL_MAX_CHARS = 254
WEBSITE_MAX_CHARS = 500
URL_MAX_CHARS = 2000
TITLE_MAX_CHARS = 300
MAX_SCORE = 2**31 - 1

_NOT_IN_TEXT = re.compile("[\x00\ud800-\udfff]")
_NOT_IN_A_LINE = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
_EMAIL = re.compile(r"[^@\s<>,;:\"()\[\]\\]+@[^@\s<>,;:\"()\[\]\\]+")
_ANCHOR = re.compile(r"[A-Za-z0-9_.:-]+")


def tidied(record: Record) -> Record:
    """Return a record whose fields have the shapes that those of posted comments have."""
    if record.kept is not None:  # an archive of our own: as it was, so that nothing is lost
        return replace(
            record,
            id=_line(record.id, FOREIGN_ID_MAX_CHARS),
            parent=_line(record.parent, FOREIGN_ID_MAX_CHARS),
            score=_score(record.score),
            anchor=record.anchor if _is_anchor(record.anchor) else "",
        )
    return replace(
        record,
        id=_line(record.id, FOREIGN_ID_MAX_CHARS),
        parent=_line(record.parent, FOREIGN_ID_MAX_CHARS),
        text=_NOT_IN_TEXT.sub("\ufffd", record.text),
        name=_line(record.name, NAME_MAX_CHARS),
        email=_email(record.email),
        website=_whole(record.website, WEBSITE_MAX_CHARS),
        score=_score(record.score),
        anchor=record.anchor if _is_anchor(record.anchor) else "",
    )


def tidied_page(page: Page) -> Page:
    """Return a page whose address and title fit."""
    return replace(
        page,
        url=_whole(page.url, URL_MAX_CHARS),
        key=_line(page.key, URL_MAX_CHARS),
        title=_line(page.title, TITLE_MAX_CHARS),
    )


def _score(score: int) -> int:
    return max(-MAX_SCORE, min(score, MAX_SCORE))


def _line(text: str, max_chars: int) -> str:
    return _NOT_IN_TEXT.sub("\ufffd", _NOT_IN_A_LINE.sub(" ", text)).strip()[:max_chars]


def _whole(text: str, max_chars: int) -> str:
    """Half an address leads elsewhere: one that is too long is none."""
    line = _line(text, max_chars + 1)
    return line if len(line) <= max_chars else ""


def _email(text: str) -> str:
    line = _whole(text, EMAIL_MAX_CHARS)
    return line if _EMAIL.fullmatch(line) else ""


def _is_anchor(anchor: str) -> bool:
    return len(anchor) <= ANCHOR_MAX_CHARS and _ANCHOR.fullmatch(anchor) is not None
