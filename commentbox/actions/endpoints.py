"""Add an endpoint and change it, test it, and replay what it did not get."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from commentbox.db import atomic
from commentbox.errors import FieldError, InvalidFields, Unknown
from commentbox.models import (
    Delivery,
    DisabledBecause,
    Endpoint,
    Event,
    EventType,
    OutgoingState,
    Shape,
)
from commentbox.models.delivery import give_up_all, start_all_again
from commentbox.models.endpoint import URL_MAX_CHARS, new_secret
from commentbox.models.site import site_with_key
from commentbox.outbound import Client, Problem, Trouble


class UnknownEndpoint(Unknown):
    """No endpoint has this number."""

    code = "unknown_endpoint"
    message = "There is no such endpoint: “commentbox webhook list” shows those there are."


class UnknownDelivery(Unknown):
    """No delivery has this number or webhook id."""

    code = "unknown_delivery"
    message = "There is no such delivery; they are kept for seven days."


URL_PROBLEMS = {
    Problem.ADDRESS_UNREADABLE: FieldError(
        "url",
        "invalid",
        "This is not an address: write it like https://hooks.example.org/comments.",
    ),
    Problem.HTTPS_REQUIRED: FieldError(
        "url",
        "https_required",
        "The address must begin with https://, unless the operator sets "
        "COMMENTBOX_ALLOW_PRIVATE_WEBHOOKS.",
    ),
    Problem.ADDRESS_REFUSED: FieldError(
        "url",
        "address_refused",
        "This address is not on the public internet: the operator may allow it with "
        "COMMENTBOX_ALLOW_PRIVATE_WEBHOOKS.",
    ),
}
UNKNOWN_EVENT = "“%(event)s” is no event: choose among %(known)s."
SUBSCRIBABLE = tuple(kind for kind in EventType if kind != EventType.WEBHOOK_TEST)


@dataclass(frozen=True)
class Wish:
    """What an endpoint shall be; no events means all of them."""

    url: str
    events: tuple[str, ...] = ()
    shape: Shape = Shape.WEBHOOK


def add_endpoint(site_key: str, wish: Wish, client: Client, at: datetime) -> Endpoint:
    """Add an endpoint; it is told what happens from now on. Raises UnknownSite and InvalidFields."""
    _require_sound(wish, client)
    with atomic() as session:
        site = site_with_key(session, site_key)
        endpoint = Endpoint(
            site_id=site.id,
            site=site,
            url=wish.url.strip(),
            shape=wish.shape.value,
            events=sorted(set(wish.events)),
            secret=new_secret(),
            created_at=at,
            last_event_before=session.scalar(select(func.max(Event.id))) or 0,
        )
        session.add(endpoint)
        session.flush()
        return endpoint


def change_endpoint(endpoint_id: int, wish: Wish, client: Client) -> Endpoint:
    """Give an endpoint another address, shape or choice of events. Raises as ``add_endpoint``."""
    _require_sound(wish, client)
    with atomic() as session:
        endpoint = _endpoint(session, endpoint_id)
        endpoint.url, endpoint.shape = wish.url.strip(), wish.shape.value
        endpoint.events = sorted(set(wish.events))
        return endpoint


def remove_endpoint(endpoint_id: int) -> None:
    """Remove an endpoint with all its deliveries. Raises UnknownEndpoint."""
    with atomic() as session:
        session.delete(_endpoint(session, endpoint_id))


def rotate_secret(endpoint_id: int, at: datetime) -> Endpoint:
    """Give an endpoint a new secret; for a day the old one signs beside it."""
    with atomic() as session:
        endpoint = _endpoint(session, endpoint_id)
        endpoint.rotate(at)
        return endpoint


def set_enabled(endpoint_id: int, at: datetime, *, is_enabled: bool) -> Endpoint:
    """Send to an endpoint again, or no more; what waits meanwhile is kept for a replay."""
    with atomic() as session:
        endpoint = _endpoint(session, endpoint_id)
        if is_enabled:
            endpoint.enable()
        elif endpoint.is_enabled:
            endpoint.disable(DisabledBecause.OWNER)
            give_up_all(session, endpoint, at)
        return endpoint


def send_test(endpoint_id: int, at: datetime) -> Delivery:
    """Let an endpoint get one ``webhook.test``, whatever events it chose."""
    with atomic() as session:
        endpoint = _endpoint(session, endpoint_id)
        event = Event(
            type=EventType.WEBHOOK_TEST.value,
            site_id=endpoint.site_id,
            facts={},
            happened_at=at,
            is_new=False,
        )
        session.add(event)
        session.flush()
        delivery = Delivery(
            event_id=event.id, endpoint_id=endpoint.id, queued_at=at, due_at=at, endpoint=endpoint
        )
        session.add(delivery)
        session.flush()
        return delivery


def replay(delivery_id: int, at: datetime) -> Delivery:
    """Send one message again under its old id, arrived or not. Raises UnknownDelivery."""
    with atomic() as session:
        delivery = session.get(Delivery, delivery_id, with_for_update=True)
        if delivery is None:
            raise UnknownDelivery
        delivery.start_again(at)
        return delivery


def replay_message(uid: str, at: datetime) -> int:
    """Send a message, e.g. ``"msg_Zm9vYmFy"``, again to every endpoint that it was for."""
    with atomic() as session:
        events = select(Event.id).where(Event.uid == uid)
        if not (count := start_all_again(session, Delivery.event_id.in_(events), at)):
            raise UnknownDelivery
        return count


def replay_failed(endpoint_id: int, at: datetime, since: datetime | None = None) -> int:
    """Send again all that an endpoint did not get, together; return how many.

    Enable a disabled endpoint first. Raises UnknownEndpoint.
    """
    with atomic() as session:
        endpoint = _endpoint(session, endpoint_id)
        failed = and_(
            Delivery.endpoint_id == endpoint.id, Delivery.state == OutgoingState.FAILED.value
        )
        if since is not None:
            failed = and_(failed, Delivery.queued_at >= since)
        return start_all_again(session, failed, at)


def _endpoint(session: Session, endpoint_id: int) -> Endpoint:
    if (endpoint := session.get(Endpoint, endpoint_id)) is None:
        raise UnknownEndpoint
    return endpoint


def _require_sound(wish: Wish, client: Client) -> None:
    errors = [
        FieldError(
            "events",
            "invalid",
            UNKNOWN_EVENT,
            {"event": event, "known": ", ".join(SUBSCRIBABLE)},
        )
        for event in wish.events
        if event not in SUBSCRIBABLE
    ]
    try:
        client.require_allowed(wish.url.strip())
    except Trouble as trouble:
        errors.append(URL_PROBLEMS[trouble.problem])
    if len(wish.url) > URL_MAX_CHARS:
        errors.append(
            FieldError(
                "url",
                "too_long",
                "At most %(max)s characters, these are %(count)s.",
                {"max": URL_MAX_CHARS, "count": len(wish.url)},
            )
        )
    if errors:
        raise InvalidFields(*errors)
