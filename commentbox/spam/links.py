"""Links: what most spam is for."""

from commentbox.spam.verdict import Policy, Reason, Submission


def many_links(submission: Submission, policy: Policy) -> Reason | None:
    """Hold what has more links than the site publishes unseen."""
    if submission.link_count <= policy.max_links:
        return None
    return Reason(
        check="links",
        code="many_links",
        message="Number of links: %(links)s. With more than %(max_links)s it waits.",
        facts={"links": submission.link_count, "max_links": policy.max_links},
    )
