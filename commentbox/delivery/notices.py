"""Whom an event concerns gets a mail: moderators of what waits, commenters of replies and decisions.

Everything happens in the transaction in which the event is fanned out, so that each mail is queued once.
"""

from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from commentbox.models import (
    Comment,
    Decision,
    Event,
    EventType,
    Mail,
    Membership,
    Moderator,
    OutgoingState,
    Pace,
    Site,
    State,
    Subscription,
)
from commentbox.models.mail import queue_mail
from commentbox.models.mail_preference import pace_of

EACH_PER_HOUR = 5
"""More than that and the rest comes in one mail an hour later: a storm of spam is no storm of mails."""
DIGEST_HOUR_UTC = 6
REPLIES_PER_DAY = 20
"""Mails about replies to one address."""
REPLIES_PER_HOUR_OF_SITE = 200

WORTH_A_LOOK = (EventType.COMMENT_HELD, EventType.COMMENT_REPORTED)
DECIDED = (EventType.COMMENT_PUBLISHED, EventType.COMMENT_REMOVED)


def notify(session: Session, event: Event, at: datetime) -> None:
    """Queue the mails of one new event."""
    comment = session.get(Comment, event.comment_id) if event.comment_id else None
    if comment is None or comment.is_erased:
        return
    site = session.get_one(Site, event.site_id)
    if event.type in WORTH_A_LOOK and not _is_a_moderators_doing(session, comment, event):
        _tell_moderators(session, event, comment, site, at)
    if event.type in DECIDED and event.facts.get("old_state") == State.HELD:
        _tell_author(session, comment, site, at)
    if event.type == EventType.COMMENT_PUBLISHED and comment.parent_id:
        _tell_answered(session, comment, site, at)


def _tell_moderators(
    session: Session, event: Event, comment: Comment, site: Site, at: datetime
) -> None:
    for moderator in _moderators(session, site):
        match pace_of(session, moderator):
            case Pace.EACH if _mails(session, moderator.email, "held", at, hours=1) < EACH_PER_HOUR:
                queue_mail(
                    session,
                    to=moderator.email,
                    template="held",
                    facts={
                        "comment_id": comment.id,
                        "is_reported": event.type == EventType.COMMENT_REPORTED,
                    },
                    language=site.language,
                    at=at,
                    site=site,
                )
            case Pace.EACH:
                _digest(session, moderator, site, at, due_at=at + timedelta(hours=1))
            case Pace.DIGEST:
                _digest(session, moderator, site, at, due_at=_next_morning(at))


def _digest(
    session: Session, moderator: Moderator, site: Site, at: datetime, due_at: datetime
) -> None:
    """Let one digest be under way; it says what waits when it is sent."""
    is_under_way = session.scalar(
        select(Mail.id).where(
            Mail.to == moderator.email,
            Mail.template == "digest",
            Mail.site_id == site.id,
            Mail.state == OutgoingState.PENDING,
        )
    )
    if is_under_way is None:
        mail = queue_mail(
            session,
            to=moderator.email,
            template="digest",
            facts={},
            language=site.language,
            at=at,
            site=site,
        )
        mail.due_at = due_at


def _tell_author(session: Session, comment: Comment, site: Site, at: datetime) -> None:
    """Tell who asked for it what was decided on a comment that had waited."""
    wishes = session.scalars(
        select(Subscription).where(
            Subscription.comment_id == comment.id,
            Subscription.confirmed_at.is_not(None),
            Subscription.wants_decision,
        )
    )
    for wish in wishes:
        _queue(session, "decision", wish, comment, site, at)


def _tell_answered(session: Session, reply: Comment, site: Site, at: datetime) -> None:
    """Tell who asked for it that their comment has a reply; nobody hears of the own one."""
    subscriptions = session.scalars(
        select(Subscription).where(
            Subscription.comment_id == reply.parent_id, Subscription.confirmed_at.is_not(None)
        )
    )
    for subscription in subscriptions:
        if subscription.email == reply.email.lower():
            continue
        if _is_told_already(session, subscription, reply):
            continue  # it was taken down and published again
        is_too_much = (
            _mails(session, subscription.email, "reply", at, hours=24) >= REPLIES_PER_DAY
            or _mails_of_site(session, site, "reply", at) >= REPLIES_PER_HOUR_OF_SITE
        )
        if not is_too_much:
            _queue(session, "reply", subscription, reply, site, at)


def _queue(
    session: Session,
    template: str,
    subscription: Subscription,
    comment: Comment,
    site: Site,
    at: datetime,
) -> None:
    queue_mail(
        session,
        to=subscription.email,
        template=template,
        facts={"comment_id": comment.id, "subscription_id": subscription.id},
        language=subscription.language,
        at=at,
        site=site,
    )


def _moderators(session: Session, site: Site) -> list[Moderator]:
    on_site = or_(Membership.site_id == site.id, Membership.site_id.is_(None))
    numbers = select(Membership.moderator_id).where(on_site)
    return list(session.scalars(select(Moderator).where(Moderator.id.in_(numbers))))


def _is_a_moderators_doing(session: Session, comment: Comment, event: Event) -> bool:
    """Whether a moderator took the comment back into the queue: then nobody need be told."""
    if "old_state" not in event.facts:
        return False
    by = session.scalar(
        select(Decision.moderator_id)
        .where(Decision.comment_id == comment.id)
        .order_by(Decision.id.desc())
        .limit(1)
    )
    return by is not None


def _is_told_already(session: Session, subscription: Subscription, reply: Comment) -> bool:
    sent = session.scalars(
        select(Mail.facts).where(Mail.to == subscription.email, Mail.template == "reply")
    )
    return any(facts.get("comment_id") == reply.id for facts in sent)


def _mails(session: Session, to: str, template: str, at: datetime, hours: int) -> int:
    counted = select(func.count()).where(
        Mail.to == to, Mail.template == template, Mail.queued_at > at - timedelta(hours=hours)
    )
    return session.scalar(counted) or 0


def _mails_of_site(session: Session, site: Site, template: str, at: datetime) -> int:
    counted = select(func.count()).where(
        Mail.site_id == site.id,
        Mail.template == template,
        Mail.queued_at > at - timedelta(hours=1),
    )
    return session.scalar(counted) or 0


def _next_morning(at: datetime) -> datetime:
    morning = at.replace(hour=DIGEST_HOUR_UTC, minute=0, second=0, microsecond=0)
    return morning if morning > at else morning + timedelta(days=1)
