"""Honeypot: a field that people do not see; who fills it in fills in everything."""

from commentbox.errors import FieldError
from commentbox.spam.verdict import Policy, Reason, Submission

FIELD = "contact_me_by_fax"
"""The field's name: tempting for a program, and nothing that browsers fill in by themselves."""


def filled_honeypot(submission: Submission, _policy: Policy) -> Reason | None:
    """Refuse what comes with the hidden field filled in, be it with a space."""
    if not submission.honeypot:
        return None
    return Reason(
        check="honeypot",
        code="filled",
        message="The hidden field was filled in, as programs do.",
        error=FieldError(FIELD, "must_be_empty", "Please leave this field empty."),
    )
