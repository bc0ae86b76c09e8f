"""Storm: while far more than usual has to be held, strangers wait whatever they write."""

from commentbox.spam.verdict import Policy, Reason, Submission


def in_a_storm(submission: Submission, policy: Policy) -> Reason | None:
    """Hold what comes from unknown authors during a storm."""
    if not submission.is_storm or submission.author.is_known(max(1, policy.known_after)):
        return None
    return Reason(
        check="storm",
        code="storm",
        message="Far more than usual is being held: until that is over, unknown authors wait.",
    )
