"""Pace: people read before they write; a ticket says when the form was opened."""

from commentbox.spam.verdict import Policy, Reason, Submission

PROBLEMS = {
    "missing": "It came without a ticket, so nobody knows how long its author took.",
    "expired": "The form had been open for so long that its ticket expired.",
    "forged": "Its ticket was not made by this service.",
}
"""What a moderator is told about each ``ticket_problem``."""


def hasty(submission: Submission, policy: Policy) -> Reason | None:
    """Hold what was sent faster than the site's pace, or without proof of when the form was opened.

    Never a reason to refuse: a script may be blocked, a form may stay open over a weekend.
    """
    age = submission.ticket_age
    problem = submission.ticket_problem or ("missing" if age is None else None)
    if problem is not None:
        return Reason("pace", f"ticket_{problem}", PROBLEMS[problem])
    if age is None or age >= policy.pace:
        return None
    return Reason(
        check="pace",
        code="too_fast",
        message=(
            "Sent %(seconds)s s after the form was opened; below %(pace_seconds)s s it waits."
        ),
        facts={
            "seconds": round(age.total_seconds(), 1),
            "pace_seconds": round(policy.pace.total_seconds(), 1),
        },
    )
