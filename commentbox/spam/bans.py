"""Bans: whom, and which words, a moderator wants to hear of no more."""

from collections.abc import Mapping

from commentbox.errors import FieldError
from commentbox.spam.verdict import BanNotice, Policy, Reason, Submission
from commentbox.spam.words import all_words, found_entries

HELD: Mapping[str, str] = {
    "author": "Its author is banned.",
    "address": "Its e-mail address is banned.",
    "network": "Its network is banned.",
    "word": "It has a banned word: %(value)s.",
}
"""What a moderator is told, by the kind of the ban."""

FIELDS: Mapping[str, str] = {"address": "email"}
"""Where an open ban is told; all others at the text."""

TOLD: Mapping[tuple[bool, bool], str] = {
    (False, False): "Comments from you are not accepted here.",
    (False, True): "Comments from you are not accepted here until %(until)s.",
    (True, False): "Comments from you are not accepted here: %(reason)s",
    (True, True): "Comments from you are not accepted here until %(until)s: %(reason)s",
}
"""What a banned author is told, by whether there is a reason and an end."""

TOLD_OF_A_WORD = "Comments with “%(value)s” are not accepted here."


def banned(submission: Submission, _policy: Policy) -> Reason | None:
    """Refuse what an open ban names, hold what a shadow ban names; an open one goes first."""
    in_force = [ban for ban in submission.bans if _applies(ban, submission)]
    if not in_force:
        return None
    ban = min(in_force, key=lambda ban: not ban.is_open)
    return Reason(
        check="bans",
        code=f"banned_{ban.kind}",
        message=HELD[ban.kind],
        facts={"value": ban.value} if ban.kind == "word" else {},
        error=_told(ban) if ban.is_open else None,
    )


def _applies(ban: BanNotice, submission: Submission) -> bool:
    return ban.kind != "word" or bool(found_entries(all_words(submission), [ban.value]))


def _told(ban: BanNotice) -> FieldError:
    if ban.kind == "word":
        return FieldError("text", "banned", TOLD_OF_A_WORD, {"value": ban.value})
    return FieldError(
        FIELDS.get(ban.kind, "text"),
        "banned",
        TOLD[bool(ban.reason), bool(ban.until)],
        {"reason": ban.reason, "until": ban.until},
    )
