"""Forget what has been told: events, deliveries and attempts after a week, addresses nobody confirmed."""

from datetime import datetime, timedelta

from sqlalchemy import CursorResult, delete, exists, select
from sqlalchemy.orm import Session

from commentbox.models import Delivery, Event, Mail, OutgoingState, Subscription
from commentbox.models.delivery import KEPT_FOR
from commentbox.models.subscription import UNCONFIRMED_KEPT_FOR

BATCH = 1000
"""So that a writer hardly has to wait."""

MAIL_KEPT_FOR = timedelta(days=7)


def prune(session: Session, at: datetime) -> int:
    """Delete old rows in the caller's transaction, some at a time, and return how many.

    Events go with their deliveries and attempts once nothing of them is pending.
    """
    is_pending = exists().where(
        Delivery.event_id == Event.id, Delivery.state == OutgoingState.PENDING
    )
    old_events = (
        select(Event.id)
        .where(Event.happened_at < at - KEPT_FOR, ~Event.is_new, ~is_pending)
        .limit(BATCH)
    )
    old_mails = (
        select(Mail.id)
        .where(Mail.queued_at < at - MAIL_KEPT_FOR, Mail.state != OutgoingState.PENDING)
        .limit(BATCH)
    )
    unconfirmed = (
        select(Subscription.id)
        .where(
            Subscription.requested_at < at - UNCONFIRMED_KEPT_FOR,
            Subscription.confirmed_at.is_(None),
        )
        .limit(BATCH)
    )
    doomed = (
        delete(Event).where(Event.id.in_(old_events)),
        delete(Mail).where(Mail.id.in_(old_mails)),
        delete(Subscription).where(Subscription.id.in_(unconfirmed)),
    )
    gone = 0
    for statement in doomed:
        result = session.execute(statement.execution_options(synchronize_session=False))
        assert isinstance(result, CursorResult)
        gone += result.rowcount
    return gone
