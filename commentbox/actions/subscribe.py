"""Ask for replies by mail, and say no to them: double opt-in, without an account."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from commentbox.actions.trust import waits_for_its_address
from commentbox.db import atomic
from commentbox.models import Comment, Site, Subscription
from commentbox.models.mail import queue_mail
from commentbox.models.subscription import refuse_mail, refuses_mail, subscriptions_of

ASKED_PER_ADDRESS_AND_DAY = 2
ASKED_PER_NETWORK_AND_DAY = 5
ASKED_PER_SITE_AND_HOUR = 60
"""Confirmations at most: who types others' addresses into the form finds no mail cannon."""


def ask(session: Session, site: Site, comment: Comment, language: str, at: datetime) -> None:
    """Note in the caller's transaction that a comment's author wants replies by mail.

    The address is asked first, by a mail of its own, unless it has said yes in this thread already
    and no yes to this very comment would publish it. Where a cap is reached nothing happens, and
    nobody is told: the comment counts.
    """
    email = comment.email.lower()
    if not email or refuses_mail(session, site.id, email):
        return
    others = subscriptions_of(session, site.id, email)
    has_confirmed = any(s.is_confirmed and s.thread_id == comment.thread_id for s in others)
    is_asked = not has_confirmed or waits_for_its_address(session, site, comment, at)
    if is_asked and _is_too_much(session, site, comment, others, at):
        if not has_confirmed:
            return
        is_asked = False
    subscription = Subscription(
        site_id=site.id,
        thread_id=comment.thread_id,
        comment_id=comment.id,
        email=email,
        language=language or site.language,
        network=comment.network,
        requested_at=at,
        confirmed_at=at if has_confirmed else None,
    )
    session.add(subscription)
    session.flush()
    if is_asked:
        queue_mail(
            session,
            to=email,
            template="confirmation",
            facts={"subscription_id": subscription.id},
            language=subscription.language,
            at=at,
            site=site,
        )


def unsubscribe(site_id: int, email: str, subscription_id: int | None = None) -> None:
    """End one subscription, or all of an address on a site; doing it again changes nothing."""
    with atomic() as session:
        for each in subscriptions_of(session, site_id, email):
            if subscription_id in (None, each.id):
                session.delete(each)


def refuse(site_id: int, email: str) -> None:
    """Let an address never be written to again for a site, not even to be asked."""
    with atomic() as session:
        for each in subscriptions_of(session, site_id, email):
            session.delete(each)
        if session.get(Site, site_id) is not None:
            refuse_mail(session, site_id, email)


def _is_too_much(
    session: Session, site: Site, comment: Comment, others: list[Subscription], at: datetime
) -> bool:
    day_ago = at - timedelta(days=1)
    if sum(each.requested_at > day_ago for each in others) >= ASKED_PER_ADDRESS_AND_DAY:
        return True
    asked = select(func.count()).select_from(Subscription)
    of_network = asked.where(
        Subscription.network == comment.network, Subscription.requested_at > day_ago
    )
    of_site = asked.where(
        Subscription.site_id == site.id, Subscription.requested_at > at - timedelta(hours=1)
    )
    return (session.scalar(of_network) or 0) >= ASKED_PER_NETWORK_AND_DAY or (
        session.scalar(of_site) or 0
    ) >= ASKED_PER_SITE_AND_HOUR
