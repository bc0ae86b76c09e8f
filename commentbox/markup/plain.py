"""Text without markup: HTML as its text, text as the simplest HTML, and when that must do."""

import re
from collections.abc import Iterator
from html import escape

from commentbox.markup.limits import MAX_ELEMENTS, MAX_HTML_CHARS
from commentbox.markup.names import visible_name
from commentbox.markup.nesting import BLOCKS
from commentbox.markup.tags import pieces

_PLAINLY_VISIBLE = re.compile(">[^<&]*[0-9A-Za-z]")
"""A letter outside of tags and entities: nearly every text has one, and it is found at once."""


def bounded(html: str) -> str:
    """Return HTML that is small enough for the sanitizers; what is too much keeps its text only."""
    if len(html) <= MAX_HTML_CHARS and not has_too_many_elements(html):
        return html
    return unparsed(plain_text(html).strip("\n"))


def has_too_many_elements(html: str) -> bool:
    """Whether well-formed HTML has more elements than a comment needs, line breaks not counted."""
    return html.count("</") > MAX_ELEMENTS


def unparsed(text: str) -> str:
    """Show text as it is, its lines broken where it breaks them."""
    return f"<p>{escape(text, quote=False).replace(chr(10), '<br>')}</p>"


def plain_text(html: str) -> str:
    """Return the text of HTML, with a line feed at line breaks and around blocks."""
    return "".join(_text(html))


def shows_something(html: str) -> bool:
    """Whether a reader sees anything of rendered HTML: a mark of a list alone is nothing."""
    return bool(_PLAINLY_VISIBLE.search(html) or visible_name(plain_text(html)))


def _text(html: str) -> Iterator[str]:
    for piece in pieces(html):
        if isinstance(piece, str):
            yield piece
        elif piece.name == "br" or piece.name in BLOCKS:
            yield "\n"
