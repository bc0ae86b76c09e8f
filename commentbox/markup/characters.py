"""Characters that reach beyond their place: direction controls, towers of marks, controls."""

import re
from collections.abc import Iterator
from unicodedata import category

from commentbox.markup.tags import Piece, pieces, written

MAX_MARKS = 4
"""Combining marks on one character: Biblical Hebrew needs four, nothing that is read needs more."""

DIRECTION_CONTROLS = "\u202a-\u202e\u2066-\u2069"
"""Embeddings, overrides, isolates and their ends (Unicode Annex 9), for a character class."""

# Browsers drop or replace these in HTML, and no keyboard types them; tab and line feed stay.
_UNREADABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")

# ASCII that is typed, and the entities that HTML cannot do without.
_TAME = re.compile(r"(?:[\t\n -%'-~]++|&(?:amp|gt|lt|quot);)*+")

# An isolate or embedding that ends in the same run of text is good typing in Hebrew and Arabic. One
# that does not end would turn around what follows it, and an override serves nothing but deceit.
_DIRECTED = re.compile(
    rf"(?P<whole>[\u2066-\u2068][^{DIRECTION_CONTROLS}\n]*\u2069"
    rf"|[\u202a\u202b][^{DIRECTION_CONTROLS}\n]*\u202c)"
    rf"|[{DIRECTION_CONTROLS}]"
)
JOINERS = "\u200c\u200d"


def readable(text: str) -> str:
    """Return text that every later step can read: line feeds only, no lone surrogates."""
    return _SURROGATE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def tamed(html: str) -> str:
    """Keep the characters of each text inside their place; works on HTML and leaves its tags alone.

    The source as stored is not touched: this is about what readers are shown.
    """
    # Most texts hold nothing to be tamed, and that is seen at a glance.
    return html if _TAME.fullmatch(html) else written(_tamed_pieces(html))


def _tamed_pieces(html: str) -> Iterator[Piece]:
    marks = MarkCounter()  # one for the whole: a tag between marks does not end their tower
    for piece in pieces(html):
        yield marks.limited(directed(visible(piece))) if isinstance(piece, str) else piece


def visible(text: str) -> str:
    """Drop control characters, which have no glyph in any font."""
    return _UNREADABLE.sub("", text)


def directed(text: str) -> str:
    """Drop direction controls that would reach beyond this text."""
    return text if text.isascii() else _DIRECTED.sub(lambda match: match["whole"] or "", text)


class MarkCounter:
    """Counts the combining marks since the last character that stands by itself."""

    def __init__(self) -> None:
        self._marks = 0

    def limited(self, text: str) -> str:
        """Return the text with at most ``MAX_MARKS`` marks on each character."""
        if text.isascii():
            self._marks = 0 if text else self._marks
            return text
        return "".join(char for char in text if self._admits(char))

    def _admits(self, char: str) -> bool:
        if char < "\u0300":
            self._marks = 0
        elif category(char) in {"Mn", "Me"}:
            self._marks += 1
            return self._marks <= MAX_MARKS
        elif char not in JOINERS:  # a joiner between marks must not start a new tower
            self._marks = 0
        return True
