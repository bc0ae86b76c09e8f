"""Backwards: safe HTML as the Markdown that somebody would have typed for it.

A comment that came as HTML from another engine is edited as Markdown, like all others.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from commentbox.markup.nesting import BLOCKS
from commentbox.markup.tags import Tag, pieces

_SIGNS = re.compile(r"[\\`*_\[\]<>~&]")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_STARTS_A_BLOCK = re.compile(
    r"^(?P<before>\d{1,9})?(?P<sign>[-+.)](?=\s|$)|---+|===+)", re.MULTILINE
)
_MARKS = {"em": "*", "strong": "**", "del": "~~"}


def as_markdown(html: str) -> str:
    """Return Markdown for the HTML of a comment, as ``render`` or ``clean`` wrote it.

    ``"<p>a <em>b</em><br>c</p>"`` becomes ``"a *b*\\nc"``. Rendered again it says the same; the
    HTML may differ in what nobody sees.
    """
    return "\n\n".join(_blocks(_tree(html).children)).strip("\n")


@dataclass
class _Element:
    tag: Tag
    children: list["_Element | str"] = field(default_factory=list)


def _tree(html: str) -> _Element:
    root = _Element(Tag("div"))
    path = [root]
    for piece in pieces(html):
        if isinstance(piece, str):
            path[-1].children.append(piece)
        elif not piece.is_end:
            element = _Element(piece)
            path[-1].children.append(element)
            if piece.name != "br":
                path.append(element)
        elif len(path) > 1:
            path.pop()
    return root


def _blocks(children: list[_Element | str]) -> Iterator[str]:
    """Write each block; words between blocks are a paragraph. Depth is bounded by ``MAX_DEPTH``."""
    loose: list[_Element | str] = []
    for child in children:
        if isinstance(child, str) or child.tag.name not in BLOCKS:
            loose.append(child)
            continue
        yield from _paragraph(loose)
        loose = []
        yield from _block(child)
    yield from _paragraph(loose)


def _block(element: _Element) -> Iterator[str]:
    match element.tag.name:
        case "p":
            yield from _paragraph(element.children)
        case "blockquote":
            yield _indented("\n\n".join(_blocks(element.children)), "> ", "> ")
        case "pre":
            yield _fenced(element)
        case "ul" | "ol":
            yield _list(element)
        case _:
            yield from _blocks(element.children)


def _list(element: _Element) -> str:
    number = int(element.tag.attributes.get("start") or 1)
    items = []
    for child in element.children:
        if isinstance(child, str):
            continue
        mark = "- " if element.tag.name == "ul" else f"{number}. "
        items.append(_indented("\n\n".join(_blocks(child.children)), mark, " " * len(mark)))
        number += 1
    return "\n".join(items)


def _fenced(element: _Element) -> str:
    code = "".join(_words(element)).removesuffix("\n")
    fence = "`" * max(3, _longest_run(code) + 1)
    language = ""
    for child in element.children:
        if isinstance(child, _Element):
            language = child.tag.attributes.get("class", "").removeprefix("language-")
    return f"{fence}{language}\n{code}\n{fence}"


def _paragraph(children: list[_Element | str]) -> Iterator[str]:
    text = re.sub(r" *\n *", "\n", _inline(children)).strip()
    if text:
        yield _STARTS_A_BLOCK.sub(_escaped_start, text)


def _escaped_start(match: re.Match[str]) -> str:
    return f"{match['before'] or ''}\\{match['sign']}"


def _inline(children: list[_Element | str]) -> str:
    return "".join(
        _typed(child) if isinstance(child, str) else _inline_element(child) for child in children
    )


def _inline_element(element: _Element) -> str:
    name = element.tag.name
    if name == "br":
        return "\n"
    if name == "code":
        return _code("".join(_words(element)))
    inner = _inline(element.children)
    if name in _MARKS:
        return _marked(inner, _MARKS[name])
    return _link(element, inner) if name == "a" else inner


def _typed(text: str) -> str:
    """Escape what Markdown would read as a sign; addresses stay, for they become links anyway."""
    text = " ".join(re.split(r"[ \t\n]+", text))
    written, done = [], 0
    for address in _ADDRESS.finditer(text):
        written += [_SIGNS.sub(r"\\\g<0>", text[done : address.start()]), address[0]]
        done = address.end()
    return "".join([*written, _SIGNS.sub(r"\\\g<0>", text[done:])])


def _marked(inner: str, mark: str) -> str:
    words = inner.strip()
    if not words:
        return inner
    before, after = inner[: len(inner) - len(inner.lstrip())], inner[len(inner.rstrip()) :]
    return f"{before}{mark}{words}{mark}{after}"


def _code(text: str) -> str:
    if not text.strip():
        return text
    fence = "`" * (_longest_run(text) + 1)
    space = " " if text[0] in "` " or text[-1] in "` " else ""
    return f"{fence}{space}{text}{space}{fence}"


def _link(element: _Element, inner: str) -> str:
    href = element.tag.attributes.get("href", "")
    if not href:
        return inner
    if "".join(_words(element)).strip() in (href, href.removeprefix("mailto:")):
        return f"<{href.removeprefix('mailto:')}>"
    words = " ".join(inner.split())
    return f"[{words}]({f'<{href}>' if set(href) & set('()') else href})"


def _words(element: _Element) -> Iterator[str]:
    for child in element.children:
        if isinstance(child, str):
            yield child
        elif child.tag.name == "br":
            yield "\n"
        else:
            yield from _words(child)


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


def _indented(text: str, first: str, rest: str) -> str:
    lines = text.split("\n")
    below = [f"{rest}{line}".rstrip() for line in lines[1:]]
    return "\n".join([f"{first}{lines[0]}", *below])
