"""A site's own words and colours in the thread."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from commentbox.db import atomic
from commentbox.errors import FieldError, InvalidFields
from commentbox.models import Site
from commentbox.models.site import site_with_key

TEXT_MAX_CHARS = 500
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")

TEXTS: Mapping[str, str] = {
    "rules": "A line above the form, such as the rules of the house",
    "write": "Heading of the form",
    "send": "Button that posts",
    "none": "Heading of a thread without comments",
    "held": "What authors read whose comment waits",
    "closed": "What is said where comments are closed",
}
"""Words that an owner may choose, by what they are for; those left empty are the language's own."""

COLOURS: Mapping[str, str] = {
    "accent": "Button and marks",
    "danger": "Errors",
    "line": "Lines",
    "field": "Ground of fields",
}
"""Colours that an owner may choose, each the custom property ``--comment-box-<name>``."""

USUAL: Mapping[str, str] = {
    "accent": "#1c66cc",
    "danger": "#b3261e",
    "line": "#d9d9d9",
    "field": "#f7f7f7",
}
"""What the colours are about where nobody chose: the page's own colours shine through most."""

NO_COLOUR = "Write a colour like #1c66cc, or leave the field empty."
TOO_LONG = "At most %(max)s characters."


@dataclass(frozen=True)
class Looks:
    """What an owner chose; a name that is missing stands for what everybody has."""

    texts: Mapping[str, str]
    colours: Mapping[str, str]


def read_looks(texts: Mapping[str, str], colours: Mapping[str, str]) -> Looks:
    """Return looks from their written form; every wrong one is named at once. Raises InvalidFields."""
    said = {name: " ".join(texts.get(name, "").split()) for name in TEXTS}
    seen = {name: colours.get(name, "").strip().lower() for name in COLOURS}
    errors = [
        FieldError(f"text_{name}", "too_long", TOO_LONG, {"max": TEXT_MAX_CHARS})
        for name, text in said.items()
        if len(text) > TEXT_MAX_CHARS
    ] + [
        FieldError(f"colour_{name}", "invalid", NO_COLOUR)
        for name, colour in seen.items()
        if colour and not COLOUR.fullmatch(colour)
    ]
    if errors:
        raise InvalidFields(*errors)
    return Looks({n: t for n, t in said.items() if t}, {n: c for n, c in seen.items() if c})


def set_looks(key: str, looks: Looks) -> Site:
    """Give a site its own words and colours. Raises UnknownSite."""
    with atomic() as session:
        site = site_with_key(session, key)
        site.texts, site.colours = dict(looks.texts), dict(looks.colours)
        site.touch()
        return site
