"""Spam, first line: a submission becomes a verdict with reasons, by pure functions.

Certain cases are refused and their author is told; doubtful ones are held for a moderator, never
lost. ``CHECKS`` is the whole list: to add one, write a file beside the others and a line here.
"""

from collections.abc import Callable

from commentbox.spam.honeypot import filled_honeypot
from commentbox.spam.links import many_links
from commentbox.spam.pace import hasty
from commentbox.spam.repetition import repeated
from commentbox.spam.verdict import Outcome, Policy, Reason, Submission, Verdict

__all__ = ["CHECKS", "Check", "Outcome", "Policy", "Reason", "Submission", "Verdict", "screen"]

Check = Callable[[Submission, Policy], Reason | None]

CHECKS: tuple[Check, ...] = (filled_honeypot, hasty, many_links, repeated)


def screen(submission: Submission, policy: Policy) -> Verdict:
    """Ask every check, also after one has objected: a moderator sees all reasons at once."""
    reasons = (check(submission, policy) for check in CHECKS)
    return Verdict(tuple(reason for reason in reasons if reason is not None))
