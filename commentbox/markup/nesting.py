"""Elements in order: the few that comments have, each closed where it must be, not too deep.

What comes out of here every HTML parser reads as it stands, so the sanitizers behind it change
nothing, and never meet the deep nesting that costs bleach the square of its length.
"""

import re
from collections import Counter
from html import escape

from commentbox.markup.limits import MAX_DEPTH
from commentbox.markup.tags import Tag, pieces

INLINE = frozenset({"a", "code", "del", "em", "strong"})
BLOCKS = frozenset({"blockquote", "li", "ol", "p", "pre", "ul"})
ELEMENTS = INLINE | BLOCKS | {"br"}
ATTRIBUTES = {"a": frozenset({"href"}), "code": frozenset({"class"}), "ol": frozenset({"start"})}

_KNOWN_AS = {
    **dict.fromkeys(("b", "dfn"), "strong"),
    **dict.fromkeys(("cite", "i", "var"), "em"),
    **dict.fromkeys(("s", "strike"), "del"),
    **dict.fromkeys(("kbd", "samp", "tt"), "code"),
    **dict.fromkeys(("address", "article", "aside", "center", "dd", "div", "dt"), "p"),
    **dict.fromkeys(("figcaption", "figure", "footer", "header", "main", "section"), "p"),
    **dict.fromkeys(("summary", "td", "th", "tr"), "p"),
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "p"),
    **dict.fromkeys(("dir", "menu"), "ul"),
    **dict.fromkeys(("listing", "xmp"), "pre"),
}
_LISTS = frozenset({"ol", "ul"})
_CONTAINERS = _LISTS | {"blockquote", "li"}

_LANGUAGE = re.compile(r"language-[a-zA-Z0-9][a-zA-Z0-9+#._-]{0,29}")
_START = re.compile(r"[0-9]{1,9}")


def balanced(html: str) -> str:
    """Return the same text in well-formed HTML of ``ELEMENTS``, at most ``MAX_DEPTH`` deep."""
    outline = _Outline()
    for piece in pieces(html):
        if isinstance(piece, str):
            outline.text(piece)
        elif piece.is_end:
            outline.end(_KNOWN_AS.get(piece.name, piece.name))
        else:
            outline.start(_KNOWN_AS.get(piece.name, piece.name), piece)
    return outline.finished()


class _Outline:
    """The elements that are open, and the HTML written so far."""

    def __init__(self) -> None:
        self._open: list[str] = []
        self._unopened: Counter[str] = Counter()  # start tags left out: their ends close nothing
        self._html: list[str] = []
        # A link without a word, such as an image without a description, shows its address.
        self._is_wordless = True
        self._address = ""

    def finished(self) -> str:
        self._close_to(0)
        return "".join(self._html).strip("\n ")

    def text(self, text: str) -> None:
        if self._html and self._html[-1] == "<pre>":
            text = text.lstrip("\n")  # parsers drop the first one, each time they read it
        if text:
            self._html.append(escape(text, quote=False))
            self._is_wordless = self._is_wordless and text.isspace()

    def start(self, name: str, tag: Tag) -> None:
        if name == "br":
            self._html.append("<br>")
        elif name in BLOCKS:
            self._start_block(name, tag)
        elif name in INLINE:
            self._start_inline(name, tag)

    def end(self, name: str) -> None:
        if self._unopened[name]:
            self._unopened[name] -= 1
        elif name in self._open:
            self._close_to(len(self._open) - 1 - self._open[::-1].index(name))

    def _start_block(self, name: str, tag: Tag) -> None:
        if "pre" in self._open:
            self._unopened[name] += 1
            return
        if name == "li" and not _LISTS.intersection(self._open):
            name = "p"
        keepers = _LISTS if name == "li" else _CONTAINERS
        while self._open and self._open[-1] not in keepers:
            self._close_to(len(self._open) - 1)
        self._push(name, tag)

    def _start_inline(self, name: str, tag: Tag) -> None:
        if name != "a":
            self._push(name, tag)
        elif "a" in self._open:
            self._unopened[name] += 1
        else:
            self._is_wordless, self._address = True, escape(tag.attributes.get("href", ""))
            self._push(name, tag)

    def _push(self, name: str, tag: Tag) -> None:
        if len(self._open) >= MAX_DEPTH:
            self._unopened[name] += 1
            return
        self._html.append(str(Tag(name, self._kept_attributes(name, tag))))
        self._open.append(name)

    def _kept_attributes(self, name: str, tag: Tag) -> dict[str, str]:
        if name == "a":
            return dict(tag.attributes)
        if name == "ol":
            return _matching(_START, tag, "start")
        return _matching(_LANGUAGE, tag, "class") if self._open[-1:] == ["pre"] else {}

    def _close_to(self, depth: int) -> None:
        while len(self._open) > depth:
            name = self._open.pop()
            self._unopened.clear()
            if name == "a" and self._is_wordless:
                self._html.append(self._address)
            if name == "p" and self._html[-1] == "<p>":
                self._html.pop()
            else:
                self._html.append(f"</{name}>")


def _matching(pattern: re.Pattern[str], tag: Tag, attribute: str) -> dict[str, str]:
    value = tag.attributes.get(attribute, "")
    return {attribute: value} if pattern.fullmatch(value) else {}
