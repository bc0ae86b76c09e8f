"""Words: what the owner does not want to see published unseen.

An entry is a word or several, e.g. ``payday loan``; it is found as whole words, in any case.
A ``*`` stands for any letters and digits, or none: ``casino*``, ``*coin``. There is no other sign,
and that is what makes it safe: each entry is tried once per word of the text, without going back
(docs/decisions/0009-words-without-regular-expressions.md).
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from commentbox.spam.verdict import Policy, Reason, Submission

MAX_ENTRIES = 1000
MAX_ENTRY_CHARS = 100

SHOWN_MAX = 5


def listed_words(submission: Submission, policy: Policy) -> Reason | None:
    """Hold what has a listed word in its text, name, address or website."""
    if not policy.words:
        return None
    found = found_entries(all_words(submission), policy.words)
    if not found:
        return None
    return Reason(
        check="words",
        code="listed_words",
        message="Words on the site's list: %(words)s.",
        facts={"words": ", ".join(found[:SHOWN_MAX])},
    )


def all_words(submission: Submission) -> tuple[str, ...]:
    """Return everything that somebody may have written a listed word into."""
    return (submission.text, submission.name, submission.email, submission.website)


def found_entries(texts: Iterable[str], entries: Sequence[str]) -> list[str]:
    """Return the entries that are found in any of the texts, in the order of the entries."""
    folded = _folded("\n".join(texts))
    return [entry for entry in entries if _compiled(entry).is_in(folded)]


@lru_cache(maxsize=256)
def read_entries(written: str) -> tuple[str, ...]:
    """Return the entries of a list with one a line; blank lines are nothing, doubles are one.

    >>> read_entries("casino*\\n\\nPayday  loan\\n")
    ('casino*', 'Payday loan')
    """
    lines = (" ".join(line.split()) for line in written.splitlines())
    return tuple(dict.fromkeys(line for line in lines if line))


def finds_too_much(entry: str) -> bool:
    """Whether an entry would be found in every text, e.g. ``*``."""
    return not re.search(r"\w", entry)


@dataclass(frozen=True)
class _Entry:
    """An entry made ready: a rare part of it to look for first, then the whole."""

    rare: str
    whole: re.Pattern[str]

    def is_in(self, folded: str) -> bool:
        # Looking for a fixed text costs next to nothing; most entries end here.
        return self.rare in folded and self.whole.search(folded) is not None


@lru_cache(maxsize=20_000)
def _compiled(entry: str) -> _Entry:
    words = _folded(entry).split()
    rare = max(re.split(r"[*\s]+", _folded(entry)), key=len)
    return _Entry(rare, re.compile(r"\s+".join(_word(word) for word in words)))


def _word(word: str) -> str:
    """Return a word as a pattern that begins at a word's beginning and never goes back.

    As in fnmatch, each part but the last is taken where it comes first, for good: an atomic group.
    """
    *parts, last = word.split("*")
    if not parts:
        return rf"{_edge(last[0], before=True)}{re.escape(last)}{_edge(last[-1], before=False)}"
    first, *middle = parts
    begin = f"{_edge(first[0], before=True)}{re.escape(first)}" if first else r"(?<!\w)"
    through = "".join(rf"(?>\w*?{re.escape(part)})" for part in middle if part)
    end = rf"\w*{re.escape(last)}{_edge(last[-1], before=False)}" if last else r"\w*+"
    return begin + through + end


def _edge(character: str, *, before: bool) -> str:
    """Return the edge of a word; a sign such as “$” needs none."""
    if not (character.isalnum() or character == "_"):
        return ""
    return r"(?<!\w)" if before else r"(?!\w)"


def _folded(text: str) -> str:
    # Full-width letters, ligatures and the like are written to get past lists of words.
    return unicodedata.normalize("NFKC", text).casefold()
