"""Endpoints as their owners see them: how they fare, what was sent, what came of each attempt."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from commentbox.models import Attempt, Delivery, Endpoint, Event, Mail, OutgoingState

SHOWN_MAX = 50


@dataclass(frozen=True)
class EndpointView:
    """An endpoint with its figures."""

    endpoint: Endpoint
    site: str
    pending: int
    failed: int
    delivered: int
    oldest_due_at: datetime | None


@dataclass(frozen=True)
class DeliveryView:
    """One message to one endpoint."""

    id: int
    uid: str
    type: str
    comment_id: int | None
    state: str
    attempt_count: int
    queued_at: datetime
    due_at: datetime
    done_at: datetime | None
    attempts: Sequence[Attempt] = ()


@dataclass(frozen=True)
class Figures:
    """The outbox in numbers; ``oldest_due_at`` is None when nothing is late."""

    deliveries: dict[str, int]
    mails: dict[str, int]
    new_events: int
    disabled_endpoints: int
    oldest_due_at: datetime | None


def view_endpoints(session: Session, site_ids: Collection[int] | None) -> list[EndpointView]:
    """Return the endpoints of some sites, or of all (None), by site."""
    endpoints = select(Endpoint).order_by(Endpoint.site_id, Endpoint.id)
    if site_ids is not None:
        endpoints = endpoints.where(Endpoint.site_id.in_(site_ids))
    counts = _counts(session)
    oldest: dict[int, datetime] = dict(
        session.execute(
            select(Delivery.endpoint_id, func.min(Delivery.due_at))
            .where(Delivery.state == OutgoingState.PENDING)
            .group_by(Delivery.endpoint_id)
        ).all()
    )
    return [
        EndpointView(
            endpoint,
            endpoint.site.key,
            counts.get((endpoint.id, OutgoingState.PENDING.value), 0),
            counts.get((endpoint.id, OutgoingState.FAILED.value), 0),
            counts.get((endpoint.id, OutgoingState.DELIVERED.value), 0),
            oldest.get(endpoint.id),
        )
        for endpoint in session.scalars(endpoints)
    ]


def view_deliveries(
    session: Session, endpoint_id: int, state: str | None = None, before: int | None = None
) -> list[DeliveryView]:
    """Return an endpoint's newest deliveries, at most fifty; ``before`` is the last number seen."""
    found = _shown(Delivery.endpoint_id == endpoint_id).order_by(Delivery.id.desc())
    if state:
        found = found.where(Delivery.state == state)
    if before:
        found = found.where(Delivery.id < before)
    return [_view(delivery, event) for delivery, event in session.execute(found.limit(SHOWN_MAX))]


def view_delivery(session: Session, delivery_id: int) -> DeliveryView | None:
    """Return one delivery with all its attempts, the oldest first."""
    row = session.execute(_shown(Delivery.id == delivery_id)).one_or_none()
    if row is None:
        return None
    attempts = session.scalars(
        select(Attempt).where(Attempt.delivery_id == delivery_id).order_by(Attempt.id)
    ).all()
    return _view(row[0], row[1], attempts)


def view_figures(session: Session, at: datetime) -> Figures:
    """Return how the outbox stands."""
    deliveries = select(Delivery.state, func.count()).group_by(Delivery.state)
    mails = select(Mail.state, func.count()).group_by(Mail.state)
    new_events = session.scalar(select(func.count()).select_from(Event).where(Event.is_new)) or 0
    disabled = (
        select(func.count()).select_from(Endpoint).where(Endpoint.disabled_because.is_not(None))
    )
    return Figures(
        _by_state(session, deliveries),
        _by_state(session, mails),
        new_events,
        session.scalar(disabled) or 0,
        oldest_due(session, at),
    )


def oldest_due(session: Session, at: datetime) -> datetime | None:
    """Return since when the oldest row has been due, also an event that nobody was told of."""
    moments = [
        session.scalar(
            select(func.min(row.due_at)).where(row.state == OutgoingState.PENDING, row.due_at <= at)
        )
        for row in (Delivery, Mail)
    ]
    moments.append(session.scalar(select(func.min(Event.happened_at)).where(Event.is_new)))
    return min((moment for moment in moments if moment is not None), default=None)


def _by_state(session: Session, counted: Any) -> dict[str, int]:
    found: dict[str, int] = dict(session.execute(counted).all())
    return {state.value: found.get(state.value, 0) for state in OutgoingState}


def _counts(session: Session) -> dict[tuple[int, str], int]:
    rows = session.execute(
        select(Delivery.endpoint_id, Delivery.state, func.count()).group_by(
            Delivery.endpoint_id, Delivery.state
        )
    )
    return {(endpoint_id, state): count for endpoint_id, state, count in rows}


def _shown(condition: ColumnElement[bool]) -> Any:
    return select(Delivery, Event).join(Event, Event.id == Delivery.event_id).where(condition)


def _view(delivery: Delivery, event: Event, attempts: Sequence[Attempt] = ()) -> DeliveryView:
    return DeliveryView(
        delivery.id,
        event.uid,
        event.type,
        event.comment_id,
        delivery.state,
        delivery.attempt_count,
        delivery.queued_at,
        delivery.due_at,
        delivery.done_at,
        attempts,
    )
