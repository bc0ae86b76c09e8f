"""Youth: an author who has been around for a while rarely comes to advertise."""

from commentbox.spam.verdict import Policy, Reason, Submission


def young(submission: Submission, policy: Policy) -> Reason | None:
    """Hold authors whose first approved comment is younger than the site wants, or is to come."""
    if not policy.young_days:
        return None
    age = submission.author.age
    if age is None:
        return Reason(
            check="youth",
            code="new_author",
            message="No earlier comment is provably by this author, and new authors wait.",
        )
    if age.days >= policy.young_days:
        return None
    return Reason(
        check="youth",
        code="young_author",
        message="Days since this author's first comment: %(days)s. Below %(young_days)s it waits.",
        facts={"days": age.days, "young_days": policy.young_days},
    )
