"""What a site makes of who wrote: its policy, bans, and what the author's standing answers."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from commentbox import spam
from commentbox.models import Comment, Decision, Site, State
from commentbox.models.ban import bans_in_force
from commentbox.models.standing import AuthorStanding, standing_with_address


def policy_of(site: Site) -> spam.Policy:
    """Return what a site publishes without a second look."""
    return spam.Policy(
        pace=timedelta(seconds=site.pace_seconds),
        max_links=site.max_links,
        moderation=site.moderation,
        known_after=site.known_after,
        young_days=site.young_days,
        old_thread_days=site.old_thread_days,
        words=spam.read_entries(site.held_words) if site.held_words else (),
    )


def bans_on(
    session: Session,
    site: Site,
    comment: Comment,
    author: int | None,
    networks: Collection[str],
) -> tuple[spam.BanNotice, ...]:
    """Return the bans in force when a comment was written, by its author, address and network."""
    bans = bans_in_force(
        session, site, comment.created_at, author=author, email=comment.email, networks=networks
    )
    return tuple(
        spam.BanNotice(
            kind=ban.kind,
            value=ban.value,
            is_open=ban.is_open,
            reason=ban.reason,
            until=ban.expires_at.date().isoformat() if ban.expires_at else "",
        )
        for ban in bans
    )


def as_seen_at(theirs: AuthorStanding, moment: datetime) -> spam.Standing:
    """Return an author's standing as the spam checks want to know it."""
    age = moment - theirs.since if theirs.approved else None
    return spam.Standing(theirs.approved, theirs.has_spam, age)


def waits_for_its_address(session: Session, site: Site, comment: Comment, at: datetime) -> bool:
    """Whether a comment would be published if the owner of its address said it was theirs.

    So it is where it waits for its author's sake alone, nobody has decided on it, and its author
    is known once the address is proven.
    """
    if comment.state != State.HELD or not comment.email:
        return False
    checks = {reason.get("check") for reason in comment.reasons}
    if not checks or not checks <= spam.AUTHOR_CHECKS:
        return False
    if session.scalar(select(exists().where(Decision.comment_id == comment.id))):
        return False
    submission = spam.Submission(
        text=comment.text,
        link_count=0,
        name=comment.name,
        email=comment.email,
        website=comment.website,
        author=as_seen_at(standing_with_address(session, comment), at),
        bans=bans_on(session, site, comment, comment.author, [comment.network]),
        is_storm=site.has_storm_at(at),
    )
    return not spam.screen_author(submission, policy_of(site))
