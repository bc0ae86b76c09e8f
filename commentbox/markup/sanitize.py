"""The two sanitizers at the end of the way, bleach and nh3 behind it; the only importer of bleach.

HTML that arrives here should hold nothing they object to. They are here for the day when it does:
bleach reads it as html5lib does, nh3 as html5ever does, and both ask our own check of addresses.
"""

import threading
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

import nh3
from bleach.sanitizer import Cleaner

from commentbox.markup.addresses import SCHEMES, safe_href
from commentbox.markup.links import REL
from commentbox.markup.nesting import ATTRIBUTES, ELEMENTS


def bleached(html: str) -> str:
    """Pass HTML through bleach; what it does not allow shows as text."""
    return _KEPT.cleaner.clean(html)


def last_gate(html: str) -> str:
    """Pass HTML through nh3, which also writes it in its one spelling."""
    return _LAST_GATE.clean(html)


def _is_allowed(element: str, attribute: str, value: str) -> bool:
    return attribute in ATTRIBUTES.get(element, ()) and (
        attribute != "href" or safe_href(value) == value
    )


def _checked_value(_element: str, attribute: str, value: str) -> str | None:
    return safe_href(value) if attribute == "href" else value


class _Kept(threading.local):
    """A cleaner of bleach for each thread: it cannot be shared, and to make one takes 0.1 ms."""

    def __init__(self) -> None:
        self.cleaner = Cleaner(tags=ELEMENTS, attributes=_is_allowed, protocols=SCHEMES)
        self.cleaner.walker = _walked  # type: ignore[assignment]  # it calls one or the other


def _walked(tree: Element) -> Iterator[dict[str, Any]]:
    """Give the tree that bleach has parsed as the tokens that it then looks at.

    Its own walker parts white space from words, for filters that are not used here: three tokens for
    most runs of text where one will do.
    """
    yield from _text(tree.text)
    for child in tree:
        if isinstance(child.tag, str):  # else a comment
            kind = {"name": child.tag, "namespace": None}
            attributes = {(None, name): value for name, value in child.attrib.items()}
            if child.tag == "br":
                yield {"type": "EmptyTag", "data": attributes, **kind}
            else:
                yield {"type": "StartTag", "data": attributes, **kind}
                yield from _walked(child)
                yield {"type": "EndTag", **kind}
        yield from _text(child.tail)


def _text(text: str | None) -> Iterator[dict[str, Any]]:
    if text:
        yield {"type": "Characters", "data": text}


_KEPT = _Kept()

_LAST_GATE = nh3.Cleaner(
    tags=ELEMENTS,
    attributes=ATTRIBUTES,
    attribute_filter=_checked_value,
    url_schemes=SCHEMES,
    url_relative="deny",
    link_rel=REL,
)
