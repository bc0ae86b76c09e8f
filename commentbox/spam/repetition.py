"""Repetition: the same text twice is a slip in one thread, an advertisement in several."""

from commentbox.errors import FieldError
from commentbox.spam.verdict import Policy, Reason, Submission


def repeated(submission: Submission, _policy: Policy) -> Reason | None:
    """Refuse a text its network posted in this thread within a day, hold one from elsewhere."""
    if submission.same_text_in_thread:
        return Reason(
            check="repetition",
            code="duplicate",
            message="The same text already stands in this thread.",
            error=FieldError("text", "duplicate", "You have already posted this text here."),
        )
    if submission.same_text_elsewhere < 1:
        return None
    return Reason(
        check="repetition",
        code="same_text_elsewhere",
        message="Other threads that got the same text within a day: %(threads)s.",
        facts={"threads": submission.same_text_elsewhere},
    )
