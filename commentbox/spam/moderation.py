"""Moderation: whose comments the site publishes at all without a moderator."""

from commentbox.spam.verdict import Policy, Reason, Submission


def unapproved(submission: Submission, policy: Policy) -> Reason | None:
    """Hold everything where every comment waits, and strangers where known authors are published."""
    if policy.moderation == "all":
        return Reason("policy", "all_held", "Every comment on this site waits.")
    if policy.moderation != "known" or submission.author.is_known(policy.known_after):
        return None
    if submission.author.has_spam:
        return Reason("policy", "author_of_spam", "Another comment by this author was spam.")
    return Reason(
        check="policy",
        code="unknown_author",
        message=(
            "Approved comments that are provably by this author: %(approved)s. "
            "From %(known_after)s on they no longer wait."
        ),
        facts={"approved": submission.author.approved, "known_after": policy.known_after},
    )
