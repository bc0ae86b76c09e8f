"""New events become deliveries and mails, whom they concern, each exactly once."""

import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from commentbox.models import Delivery, Endpoint, Event, OutgoingState

logger = logging.getLogger("commentbox.delivery")

BATCH = 200


def has_new_events(session: Session) -> bool:
    """Whether something happened that nobody was told of yet."""
    return session.scalar(select(Event.id).where(Event.is_new).limit(1)) is not None


Notify = Callable[[Session, Event, datetime], None]


def fan_out(session: Session, at: datetime, notify: Notify | None = None) -> int:
    """Take the oldest new events in the caller's transaction, and return how many.

    ``notify`` queues the mails of one event; without it there are none.
    """
    events = session.scalars(
        select(Event)
        .where(Event.is_new)
        .order_by(Event.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    endpoints = session.scalars(
        select(Endpoint).where(Endpoint.site_id.in_({event.site_id for event in events}))
    ).all()
    for event in events:
        event.is_new = False
        if notify is not None:
            _notify(session, event, at, notify)
        session.add_all(
            _delivery(event, endpoint, at) for endpoint in endpoints if _is_told(endpoint, event)
        )
    return len(events)


def _notify(session: Session, event: Event, at: datetime, notify: Notify) -> None:
    try:
        with session.begin_nested():
            notify(session, event, at)
    except Exception:  # the mails of one event must not hold up all that follows
        logger.exception("The mails of an event (%s) could not be queued.", event.type)


def _is_told(endpoint: Endpoint, event: Event) -> bool:
    is_of_its_time = event.id > endpoint.last_event_before
    return endpoint.site_id == event.site_id and is_of_its_time and endpoint.wants(event.type)


def _delivery(event: Event, endpoint: Endpoint, at: datetime) -> Delivery:
    # What happens while an endpoint is disabled is kept for it, too, and can be replayed.
    state = OutgoingState.PENDING if endpoint.is_enabled else OutgoingState.FAILED
    return Delivery(
        event_id=event.id,
        endpoint_id=endpoint.id,
        queued_at=at,
        due_at=at,
        state=state.value,
        done_at=None if endpoint.is_enabled else at,
    )
