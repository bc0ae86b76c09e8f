"""Thread age: what is said below an old page is mostly said for search engines."""

from commentbox.spam.verdict import Policy, Reason, Submission


def late(submission: Submission, policy: Policy) -> Reason | None:
    """Hold what is written in a thread that is older than the site wants."""
    days = submission.thread_age.days
    if not policy.old_thread_days or days < policy.old_thread_days:
        return None
    return Reason(
        check="thread_age",
        code="old_thread",
        message="Age of the thread in days: %(days)s. From %(old_thread_days)s on comments wait.",
        facts={"days": days, "old_thread_days": policy.old_thread_days},
    )
