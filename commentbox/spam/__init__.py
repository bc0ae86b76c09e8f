"""Spam, first line: a submission becomes a verdict with reasons, by pure functions.

Certain cases are refused and their author is told; doubtful ones are held for a moderator, never
lost. ``CHECKS`` is the whole list: to add one, write a file beside the others and a line here.
"""

from collections.abc import Callable

from commentbox.spam.bans import banned
from commentbox.spam.honeypot import filled_honeypot
from commentbox.spam.links import many_links
from commentbox.spam.moderation import unapproved
from commentbox.spam.pace import hasty
from commentbox.spam.repetition import repeated
from commentbox.spam.storm import in_a_storm
from commentbox.spam.thread_age import late
from commentbox.spam.verdict import (
    BanNotice,
    Outcome,
    Policy,
    Reason,
    Standing,
    Submission,
    Verdict,
)
from commentbox.spam.words import found_entries, listed_words, read_entries
from commentbox.spam.youth import young

__all__ = [
    "AUTHOR_CHECKS",
    "CHECKS",
    "BanNotice",
    "Check",
    "Outcome",
    "Policy",
    "Reason",
    "Standing",
    "Submission",
    "Verdict",
    "found_entries",
    "read_entries",
    "screen",
    "screen_author",
]

Check = Callable[[Submission, Policy], Reason | None]

CHECKS: tuple[Check, ...] = (
    filled_honeypot,
    banned,
    unapproved,
    young,
    hasty,
    many_links,
    listed_words,
    late,
    repeated,
    in_a_storm,
)

AUTHOR_CHECKS = frozenset({"policy", "youth", "storm"})
"""Names of the checks that hold a comment for its author's sake: a better standing answers them."""


def screen(submission: Submission, policy: Policy) -> Verdict:
    """Ask every check, also after one has objected: a moderator sees all reasons at once."""
    reasons = (check(submission, policy) for check in CHECKS)
    return Verdict(tuple(reason for reason in reasons if reason is not None))


def screen_author(submission: Submission, policy: Policy) -> tuple[Reason, ...]:
    """Ask what can have another answer once more is known of the author, or is forbidden since."""
    checks = (banned, unapproved, young, listed_words, in_a_storm)
    reasons = (check(submission, policy) for check in checks)
    return tuple(reason for reason in reasons if reason is not None)
