"""Languages: gettext catalogues read from their .po files, and dates as a language writes them."""

import datetime as dt
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import TypeGuard

from babel import Locale
from babel.dates import format_date, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from commentbox.errors import Phrase

SOURCE = "en"
"""The language message ids are written in; it needs no catalogue."""

CATALOGUES = Path(__file__).parent / "translations"


@dataclass(frozen=True)
class Language:
    """One language a reader can be answered in.

    ``code`` is ``"en"`` or a folder's name below ``translations``; ``direction`` is ``"ltr"`` or
    ``"rtl"``, as HTML's ``dir``.
    """

    code: str
    direction: str
    gettext: Callable[[str], str]
    ngettext: Callable[[str, str, int], str]

    def datetime(self, at: dt.datetime) -> str:
        """Return a moment as absolute text, e.g. ``"1. März 2026, 12:00 UTC"``."""
        clock = at.astimezone(dt.UTC).time().replace(second=0, microsecond=0)
        return f"{self.date(at)}, {_written_time(clock, self._locale)} UTC"

    def date(self, at: dt.datetime) -> str:
        """Return the day of a moment in UTC, e.g. ``"1 March 2026"``."""
        return _written_date(at.astimezone(dt.UTC).date(), self._locale)

    def number(self, value: float) -> str:
        """Return a number as text, e.g. ``"10.000"`` or ``"1,5"`` in German."""
        return _written_number(value, self._locale)

    def filled(self, message: str, facts: Mapping[str, object]) -> str:
        """Return a message in the language with its places filled, numbers as the language writes them."""
        return self.gettext(message) % self.written(facts)

    def written(self, facts: Mapping[str, object]) -> dict[str, object]:
        """Return facts with their numbers and phrases as the language writes them."""
        return {name: self._written(fact) for name, fact in facts.items()}

    def said(self, phrase: Phrase) -> str:
        """Return a phrase in the language."""
        return self.filled(phrase.message, phrase.facts)

    def _written(self, fact: object) -> object:
        if isinstance(fact, Phrase):
            return self.said(fact)
        return self.number(fact) if _is_number(fact) else fact

    @property
    def _locale(self) -> str:
        # Plain "en" would write dates the way only the USA does.
        return "en_GB" if self.code == "en" else self.code


def language(code_or_tag: str | None, default: str = SOURCE) -> Language:
    """Return the language nearest to a tag among those with a catalogue: ``"de-AT"`` gives German.

    A tag without a catalogue, a malformed one, or none at all gives ``default``.
    """
    for tag in (code_or_tag, default):
        code = _primary(tag or "")
        if code in LANGUAGES:
            return _load(code)
    return _load(SOURCE)


# Babel works a date out of its rules each time, which was a fifth of the time to render a thread.
@lru_cache(maxsize=4096)
def _written_date(day: dt.date, locale: str) -> str:
    return format_date(day, "long", locale=locale)


@lru_cache(maxsize=4096)
def _written_time(clock: dt.time, locale: str) -> str:
    return format_time(clock, "short", locale=locale)


@lru_cache(maxsize=4096)
def _written_number(value: float, locale: str) -> str:
    return format_decimal(value, locale=locale)


def _is_number(fact: object) -> TypeGuard[float]:
    return isinstance(fact, int | float) and not isinstance(fact, bool)


def _primary(tag: str) -> str:
    return tag.strip().replace("_", "-").partition("-")[0].lower()


@cache
def _load(code: str) -> Language:
    translations = NullTranslations() if code == SOURCE else _catalogue(code)
    return Language(
        code=code,
        direction=Locale.parse(code).text_direction,
        gettext=translations.gettext,
        ngettext=translations.ngettext,
    )


def _catalogue(code: str) -> GNUTranslations:
    """Compile a .po file in memory, so that an installation has no build step to forget."""
    compiled = io.BytesIO()
    with (CATALOGUES / code / "LC_MESSAGES" / "commentbox.po").open("rb") as source:
        write_mo(compiled, read_po(source, locale=code))
    compiled.seek(0)
    return GNUTranslations(compiled)


def _languages() -> tuple[str, ...]:
    found = (path.parts[-3] for path in CATALOGUES.glob("*/LC_MESSAGES/commentbox.po"))
    return tuple(sorted({SOURCE, *found}))


LANGUAGES = _languages()
"""The codes a reader can choose among, e.g. ``("de", "en")``."""


class _LanguageNames(Mapping[str, str]):
    """Asks Babel when a name is asked for: what it knows of two languages takes 6 MiB."""

    def __getitem__(self, code: str) -> str:
        return (Locale.parse(code).get_display_name() or code).capitalize()

    def __iter__(self) -> Iterator[str]:
        return iter(LANGUAGES)

    def __len__(self) -> int:
        return len(LANGUAGES)


LANGUAGE_NAMES: Mapping[str, str] = _LanguageNames()
"""Each language's name in the language itself, by its code, e.g. ``"Deutsch"``."""
