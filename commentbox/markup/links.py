"""Links: the ones in HTML, and the ones that running text means without saying so."""

import re
from collections.abc import Iterator

from markdown_it.rules_inline import StateInline

from commentbox.markup.addresses import safe_href
from commentbox.markup.tags import Piece, Tag, pieces, written

REL = "nofollow ugc noopener"

START_OF_BARE = r"(?<![^\W_])(?:https?://|www\.)"
"""Where an address may start in running text, for a regular expression that ignores case."""

_BARE = re.compile(
    r"(?:https?://|(?P<www>www\.))[^\s<>\[\]\\`\"„“”«»。，、；：！？（）「」『』【】《》]{1,2000}",
    re.IGNORECASE,
)
_TRAILING = ".,:;!?'*_~…‘’‚›‹"  # a sentence's signs, not the address'
_BRACKETS = {")": "(", "}": "{"}


def checked(html: str) -> str:
    """Let only checked addresses be links, and say of each that a stranger wrote it."""
    return written(_checked_pieces(html)) if _may_link(html) else html


def count_links(html: str) -> int:
    """Count the links of rendered HTML, e.g. 2."""
    return len(link_targets(html))


def link_targets(html: str) -> list[str]:
    """Return where the links of rendered HTML lead, in their order, e.g. ``["https://ada.example"]``."""
    if not _may_link(html):
        return []
    links = (piece for piece in pieces(html) if isinstance(piece, Tag) and _is_link(piece))
    return [link.attributes["href"] for link in links]


def _may_link(html: str) -> bool:
    return "<a" in html or "<A" in html


def bare_address(state: StateInline, silent: bool) -> bool:
    """Markdown rule: an address in running text becomes a link, ``www.`` with ``https``."""
    match = _BARE.match(state.src, state.pos, state.posMax)
    if match is None or state.linkLevel > 0 or not _starts_a_word(state):
        return False
    text = _without_trailing(match[0])
    if not silent:
        _push_address(state, text, f"https://{text}" if match["www"] else text)
    state.pos += len(text)
    return True


def _checked_pieces(html: str) -> Iterator[Piece]:
    is_refused = False  # of the link that is open: links do not nest
    for piece in pieces(html):
        if isinstance(piece, str) or piece.name != "a":
            yield piece
        elif piece.is_end:
            if not is_refused:
                yield piece
            is_refused = False
        else:
            href = safe_href(piece.attributes.get("href", ""))
            is_refused = href is None
            if href is not None:
                yield Tag("a", {"href": href, "rel": REL})


def _is_link(tag: Tag) -> bool:
    return tag.name == "a" and "href" in tag.attributes


def _starts_a_word(state: StateInline) -> bool:
    return state.pos == 0 or not state.src[state.pos - 1].isalnum()


def _without_trailing(text: str) -> str:
    """Leave off the sentence's signs: ``https://a.example/(b)).`` ends at ``(b)``."""
    surplus = {
        close: text.count(close) - text.count(opening) for close, opening in _BRACKETS.items()
    }
    end = len(text)
    while end:
        last = text[end - 1]
        if surplus.get(last, 0) > 0:
            surplus[last] -= 1
        elif last not in _TRAILING:
            break
        end -= 1
    return text[:end]


def _push_address(state: StateInline, text: str, address: str) -> None:
    href = state.md.normalizeLink(address)
    if "." not in text or not state.md.validateLink(href):
        state.append_pending(text)  # as a whole, so that nothing inside it is tried again
        return
    state.push("link_open", "a", 1).attrs = {"href": href}
    state.push("text", "", 0).content = text
    state.push("link_close", "a", -1)
