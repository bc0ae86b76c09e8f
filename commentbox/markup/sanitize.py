"""The two sanitizers at the end of the way, bleach and nh3 behind it; the only importer of bleach.

HTML that arrives here should hold nothing they object to. They are here for the day when it does:
bleach reads it as html5lib does, nh3 as html5ever does, and both ask our own check of addresses.
"""

import threading

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


_KEPT = _Kept()

_LAST_GATE = nh3.Cleaner(
    tags=ELEMENTS,
    attributes=ATTRIBUTES,
    attribute_filter=_checked_value,
    url_schemes=SCHEMES,
    url_relative="deny",
    link_rel=REL,
)
