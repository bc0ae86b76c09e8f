"""HTML as a row of tags and text: a tolerant reader that never rescans, and its writer.

What the reader does not take for a tag is text, and the writer escapes text, so a misreading can
show a stray sign but never let a tag through.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape, unescape

# A tag ends at the next ">" outside quotes and holds no "<", so that a failed match costs no more
# than the way to the next "<": a hundred thousand "<a" are read in linear time.
_TAG = re.compile(
    r"""<(?P<end>/?)(?P<name>[a-zA-Z][a-zA-Z0-9:-]*+)(?=[\s/>])
        (?P<attributes>(?:[^<>"']|"[^"<]*"|'[^'<]*')*+)>
      | <[!?][^<>]*+>  # a doctype, a processing instruction, a CDATA mark""",
    re.VERBOSE,
)
_ATTRIBUTE = re.compile(
    r"""(?<![^\s"'/])(?P<name>[a-zA-Z-]++)\s*+=\s*+
        (?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s"'>]++))""",
    re.VERBOSE,
)
# Only the attributes of these say anything that comments keep.
_TELLING = frozenset({"a", "code", "ol"})
# What stands inside these was never meant to be read.
_SILENT = frozenset(
    {"head", "iframe", "math", "object", "script", "style", "svg", "template", "title"}
)


@dataclass(frozen=True, slots=True)
class Tag:
    """A start or end tag, e.g. ``Tag("a", {"href": "https://example.org/"})``, in lower case."""

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    is_end: bool = False

    def __str__(self) -> str:
        attributes = "".join(f' {key}="{escape(value)}"' for key, value in self.attributes.items())
        return f"<{'/' * self.is_end}{self.name}{attributes}>"


Piece = Tag | str
"""A tag, or text with its entities resolved."""


def pieces(html: str) -> Iterator[Piece]:
    """Read ``"<p>a &amp; b"`` as ``Tag("p")``, ``"a & b"``; comments, scripts and styles vanish."""
    silenced_by = None
    for piece in _all_pieces(html):
        if silenced_by is None and isinstance(piece, Tag) and piece.name in _SILENT:
            silenced_by = None if piece.is_end else piece.name
        elif silenced_by is None:
            yield piece
        elif isinstance(piece, Tag) and piece.is_end and piece.name == silenced_by:
            silenced_by = None


def _all_pieces(html: str) -> Iterator[Piece]:
    html = _without_comments(html)
    done = 0
    for match in _TAG.finditer(html):
        if match.start() > done:
            yield unescape(html[done : match.start()])
        done = match.end()
        if match["name"]:
            yield _tag(match)
    if done < len(html):
        yield unescape(html[done:])


def written(row: Iterable[Piece]) -> str:
    """Write pieces as HTML, text escaped."""
    return "".join(
        escape(piece, quote=False) if isinstance(piece, str) else str(piece) for piece in row
    )


def _tag(match: re.Match[str]) -> Tag:
    name = match["name"].lower()
    if match["end"]:
        return Tag(name, is_end=True)
    return Tag(name, _attributes(match["attributes"]) if name in _TELLING else {})


def _attributes(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(text):
        value = match["double"] or match["single"] or match["bare"] or ""
        found.setdefault(match["name"].lower(), unescape(value))  # the first counts, as in browsers
    return found


def _without_comments(html: str) -> str:
    # Splitting reads the text once, however many comments open and never close.
    before, *rest = html.split("<!--")
    return before + "".join(part.partition("-->")[2] for part in rest)
