"""What was looked at and what came of it."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How a part of the set-up is."""

    GOOD = "good"
    HINT = "hint"  # it works, and could be better or is not finished
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """One sentence about one part of the set-up, e.g. ``Finding(Level.GOOD, "mail", "…")``.

    What is wrong is told with the remedy.
    """

    level: Level
    subject: str
    sentence: str


def good(subject: str, sentence: str) -> Finding:
    """Return that a part is as it should be."""
    return Finding(Level.GOOD, subject, sentence)


def hint(subject: str, sentence: str) -> Finding:
    """Return that a part works and could be better."""
    return Finding(Level.HINT, subject, sentence)


def wrong(subject: str, sentence: str) -> Finding:
    """Return that a part does not work."""
    return Finding(Level.WRONG, subject, sentence)
