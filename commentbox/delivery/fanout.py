"""New events become deliveries and mails, whom they concern, each exactly once."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from commentbox.models import Delivery, Endpoint, Event, OutgoingState
from commentbox.statements import Statement

logger = logging.getLogger("commentbox.delivery")

BATCH = 200


def has_new_events(session: Session) -> bool:
    """Whether something happened that nobody was told of yet."""
    return bool(ANY_NEW.run(session, {}))


def has_endpoints(session: Session) -> bool:
    """Whether there is any endpoint that events could be told to."""
    return bool(ANY_ENDPOINT.run(session, {}))


ANY_ENDPOINT = Statement(select(Endpoint.id).limit(1))
ANY_NEW = Statement(select(Event.id).where(Event.is_new).limit(1))
NEW = Statement(
    select(Event.id, Event.site_id)
    .where(Event.is_new)
    .order_by(Event.id)
    .limit(BATCH)
    .with_for_update(skip_locked=True)
)


Notify = Callable[[Session, Event, datetime], None]


def fan_out(session: Session, at: datetime, notify: Notify | None = None) -> int:
    """Take the oldest new events in the caller's transaction, and return how many.

    ``notify`` queues the mails of one event; without it there are none.
    """
    sites = dict(NEW.run(session, {}))
    endpoints = session.scalars(
        select(Endpoint).where(Endpoint.site_id.in_(set(sites.values())))
    ).all()
    session.execute(
        update(Event).where(Event.id.in_(sites)).values(is_new=False),
        execution_options={"synchronize_session": False},
    )
    # Mostly there is nobody to tell, and then the events themselves need not be read.
    heard = {endpoint.site_id for endpoint in endpoints}
    told = [number for number, site in sites.items() if notify is not None or site in heard]
    for event in _events(session, told):
        if notify is not None:
            _notify(session, event, at, notify)
        session.add_all(
            _delivery(event, endpoint, at) for endpoint in endpoints if _is_told(endpoint, event)
        )
    return len(sites)


def _events(session: Session, numbers: Sequence[int]) -> Sequence[Event]:
    if not numbers:
        return ()
    return session.scalars(select(Event).where(Event.id.in_(numbers)).order_by(Event.id)).all()


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
