"""Names as readers see them: nothing invisible, nothing that climbs over lines or turns them."""

import re
from collections.abc import Iterator
from unicodedata import category

from commentbox.markup.characters import JOINERS, MarkCounter, readable

# Letters and signs by category, yet without a glyph: fillers, blanks, the joiner of graphemes.
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
# England, Scotland and Wales: a black flag and letters nobody sees.
_FLAG = re.compile("(\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,6}\U000e007f)")
# Scripts in which a joiner changes how letters are written: Arabic, the Indic ones, to Mongolian.
_JOINING_SCRIPTS = range(0x0600, 0x18B0)
_VARIANTS = range(0xFE00, 0xFE10)
_IDEOGRAPHIC_VARIANTS = range(0xE0100, 0xE01F0)
_IDEOGRAPHS = range(0x3400, 0x40000)
_ZWJ = "\u200d"
_EMOJI_STYLE = "\ufe0f"
_KEYCAP = "\u20e3"


def visible_name(name: str) -> str:
    """Return what is to be shown of a name, e.g. ``"Ada"``, or ``""`` if nothing of it can be seen.

    Names are stored as typed; this is for showing and comparing them. Gone are direction and other
    control characters, invisible characters, marks beyond ``MAX_MARKS`` on one letter, and all
    white space but single spaces. A zero-width joiner stays where it makes one emoji of two, and
    joiners stay between letters of scripts that need them, Persian and Hindi among them.
    """
    shown = MarkCounter().limited(_without_invisible(" ".join(readable(name).split())))
    shown = " ".join("".join(_with_modifiers_in_place(shown)).split())
    shown = shown[_first_standing(shown) :]
    return shown if any(map(_has_glyph, shown)) else ""


def _without_invisible(text: str) -> str:
    between_flags = _FLAG.split(text)
    between_flags[::2] = ["".join(filter(_may_show, part)) for part in between_flags[::2]]
    return "".join(between_flags)


def _may_show(char: str) -> bool:
    if char in JOINERS:
        return True  # its neighbours decide, once they are settled
    return char not in _BLANKS and category(char) not in {"Cc", "Cf"}


def _with_modifiers_in_place(text: str) -> Iterator[str]:
    """Drop joiners and variation selectors from where they change nothing that can be seen."""
    before = " "
    for char, after in zip(text, f"{text[1:]} ", strict=False):
        if _is_in_place(before, char, after):
            yield char
            before = char


def _is_in_place(before: str, char: str, after: str) -> bool:
    if char in JOINERS:
        joins_pictures = char == _ZWJ and _joins_pictures(before, after)
        return joins_pictures or _joins_letters(before, after)
    if ord(char) in _VARIANTS:
        return _is_picture(before) or after == _KEYCAP
    if ord(char) in _IDEOGRAPHIC_VARIANTS:
        return ord(before) in _IDEOGRAPHS and category(before) == "Lo"
    return True


def _joins_letters(before: str, after: str) -> bool:
    return ord(before) in _JOINING_SCRIPTS and ord(after) in _JOINING_SCRIPTS


def _joins_pictures(before: str, after: str) -> bool:
    return (before == _EMOJI_STYLE or _is_picture(before)) and _is_picture(after)


def _is_picture(char: str) -> bool:
    # Skin tones are modifiers (Sk); emoji newer than this Python's tables are unassigned (Cn).
    return char > "\u2000" and category(char) in {"So", "Sk", "Cn"}


def _first_standing(text: str) -> int:
    # A leading mark would sit on the page's own text.
    standing = (at for at, char in enumerate(text) if category(char)[0] not in "MZ")
    return next(standing, len(text))


def _has_glyph(char: str) -> bool:
    return category(char)[0] in "LNPS" or category(char) in {"Cn", "Co"}
