"""What a site's owner may decide: every setting of a site once, with its meaning and how it is written."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from commentbox.errors import SetupError
from commentbox.i18n import LANGUAGE_NAMES, LANGUAGES
from commentbox.models.site import Moderation
from commentbox.spam.words import MAX_ENTRIES, MAX_ENTRY_CHARS, finds_too_much, read_entries

NAME_MAX_CHARS = 200


class UnfitValue(SetupError):
    """A setting of a site got a value that it cannot have."""

    code = "unfit_value"


class Group(StrEnum):
    """What a setting is about; the order is that of the page."""

    SITE = "site"
    TRUST = "trust"
    DOUBT = "doubt"
    FORM = "form"
    THREAD = "thread"


@dataclass(frozen=True)
class Setting:
    """One column of ``Site`` that its owner sets. ``label`` and ``meaning`` are message ids."""

    label: str
    meaning: str
    group: Group
    read: Callable[[str], object]
    """Turns the written form, e.g. ``"3"``, into the value. Raises UnfitValue."""
    options: Mapping[str, str] | None = None
    """The values to choose from, each with what it is called; None where the value is free."""
    low: int | None = None
    high: int | None = None

    def fits(self, value: object) -> bool:
        """Whether a value, as the column holds it, is one that an owner could have set."""
        if isinstance(value, bool):
            return self.options is YES_OR_NO
        try:
            self.read(str(value))
        except UnfitValue:
            return False
        return True


def _whole_number(low: int, high: int) -> Callable[[str], int]:
    def read(written: str) -> int:
        is_number = written.isascii() and written.isdecimal() and len(written) <= 12
        if not (is_number and low <= int(written) <= high):
            raise UnfitValue(
                "“%(value)s” does not fit: use a whole number from %(low)s to %(high)s.",
                value=written[:100],
                low=low,
                high=high,
            )
        return int(written)

    return read


def _number(label: str, meaning: str, group: Group, low: int, high: int) -> Setting:
    return Setting(label, meaning, group, _whole_number(low, high), low=low, high=high)


YES_OR_NO: Mapping[str, str] = {"yes": "Yes", "no": "No"}


def _yes_or_no(written: str) -> bool:
    words = {"yes": True, "true": True, "1": True, "on": True}
    words |= {"no": False, "false": False, "0": False, "off": False}
    if written.lower() not in words:
        raise UnfitValue("“%(value)s” does not fit: use yes or no.", value=written[:100])
    return words[written.lower()]


def _switch(label: str, meaning: str, group: Group) -> Setting:
    return Setting(label, meaning, group, _yes_or_no, YES_OR_NO)


def read_language(written: str) -> str:
    """Return a language that there is a catalogue for. Raises UnfitValue."""
    if written not in LANGUAGES:
        raise UnfitValue(
            "There is no catalogue for the language “%(language)s”: use one of %(known)s.",
            language=written[:100],
            known=", ".join(LANGUAGES),
        )
    return written


def read_name(written: str) -> str:
    """Return what a site is called. Raises UnfitValue."""
    if len(written) > NAME_MAX_CHARS:
        raise UnfitValue(
            "The name is too long: use at most %(max)s characters.", max=NAME_MAX_CHARS
        )
    return written


MODERATION: Mapping[str, str] = {
    "open": "Publish all but the doubtful",
    "known": "Publish known authors, hold strangers",
    "all": "Hold every comment",
}


def _moderation(written: str) -> str:
    if written not in set(Moderation):
        raise UnfitValue(
            "“%(value)s” does not fit: use one of %(known)s.",
            value=written[:100],
            known=", ".join(Moderation),
        )
    return written


def _words(written: str) -> str:
    """Return a list of words, one a line; at the command line commas part them as well."""
    entries = read_entries(written.replace(",", "\n"))
    if len(entries) > MAX_ENTRIES:
        raise UnfitValue("The list is too long: use at most %(max)s lines.", max=MAX_ENTRIES)
    for entry in entries:
        if len(entry) > MAX_ENTRY_CHARS or finds_too_much(entry):
            raise UnfitValue(
                "“%(value)s” does not fit: use a word or several, with * for any letters, "
                "at most %(max)s characters.",
                value=entry[:MAX_ENTRY_CHARS],
                max=MAX_ENTRY_CHARS,
            )
    return "\n".join(entries)


POLICY: Mapping[str, Setting] = {
    "name": Setting("Name", "What the site is called, in feeds and mails.", Group.SITE, read_name),
    "language": Setting(
        "Language",
        "Of the thread where the page names none, and of mails.",
        Group.SITE,
        read_language,
        LANGUAGE_NAMES,
    ),
    "is_open": _switch("Comments are open", "If not, nobody can write on the site.", Group.SITE),
    "moderation": Setting(
        "What is published by itself",
        "Doubtful is what one of the checks below objects to.",
        Group.TRUST,
        _moderation,
        MODERATION,
    ),
    "known_after": _number(
        "Known after this many approved comments",
        "By the same author, as the browser they were written in proves, or the address by mail.",
        Group.TRUST,
        1,
        100,
    ),
    "young_days": _number(
        "Authors wait for this many days",
        "Counted from the author's first comment, once it is approved; 0: no matter.",
        Group.TRUST,
        0,
        3650,
    ),
    "max_links": _number("Links a comment may have", "With more it waits.", Group.DOUBT, 0, 100),
    "pace_seconds": _number(
        "Shortest time to write, in seconds",
        "What is sent sooner after the form was opened waits.",
        Group.DOUBT,
        0,
        3600,
    ),
    "old_thread_days": _number(
        "Threads are old after this many days",
        "Counted from the first comment; then further ones wait. 0: never.",
        Group.DOUBT,
        0,
        36_500,
    ),
    "reports_to_hold": _number(
        "Reports that take a comment back",
        "From so many networks on it waits for a moderator; 0: never.",
        Group.DOUBT,
        0,
        1000,
    ),
    "storm_held": _number(
        "Held within minutes, this is a storm",
        "If it is five times the usual as well, strangers wait for an hour and the owners get a "
        "mail; 0: never.",
        Group.DOUBT,
        0,
        10_000,
    ),
    "held_words": Setting(
        "Words that let a comment wait",
        "One word or several a line, whatever the case; * stands for any letters: casino*.",
        Group.DOUBT,
        _words,
    ),
    "require_name": _switch("Authors must give a name", "Else it is up to them.", Group.FORM),
    "require_email": _switch(
        "Authors must give an e-mail address", "It is never shown.", Group.FORM
    ),
    "max_length_chars": _number(
        "Longest comment, in characters", "Longer ones are refused.", Group.FORM, 1, 50_000
    ),
    "edit_window_seconds": _number(
        "Time to change one's own comment, in seconds",
        "After that only a moderator can.",
        Group.FORM,
        0,
        604_800,
    ),
    "max_depth": _number(
        "Levels of replies", "Deeper replies stand on the last level.", Group.THREAD, 0, 10
    ),
    "page_size": _number(
        "Comments on one page of a thread", "More are fetched on demand.", Group.THREAD, 1, 200
    ),
    "votes": _switch("Readers may vote", "One vote per network and day.", Group.THREAD),
}
"""What ``commentbox site set`` and the dashboard may change, by the name of the column."""
