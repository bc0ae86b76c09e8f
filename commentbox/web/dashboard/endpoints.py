"""Endpoints: their list, one endpoint's page with what was sent to it, and one delivery's attempts.

For owners only; what belongs to somebody else's site is not found.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from flask import Response, redirect, request
from sqlalchemy import select
from werkzeug.wrappers import Response as WerkzeugResponse

from commentbox import clock
from commentbox.actions import endpoints as actions
from commentbox.actions.endpoints import SUBSCRIBABLE, UnknownDelivery, UnknownEndpoint, Wish
from commentbox.db import session
from commentbox.errors import FieldError, InvalidFields
from commentbox.models import Delivery, Endpoint, OutgoingState, Role, Shape, Site
from commentbox.models.endpoint import OLD_SECRET_SERVES_FOR
from commentbox.outbound import Client
from commentbox.reading.deliveries import (
    SHOWN_MAX,
    view_deliveries,
    view_delivery,
    view_endpoints,
)
from commentbox.reading.visible import sites_of
from commentbox.web.dashboard.forms import EndpointForm, ProtectedForm, SwitchForm
from commentbox.web.dashboard.frame import address, show
from commentbox.web.dashboard.selecting import read_number
from commentbox.web.dashboard.visit import current_moderator
from commentbox.web.engine import current_engine

SECRET_SHOWN_FOR = timedelta(minutes=10)
"""After it was made; later only a new one can be had."""


@dataclass(frozen=True)
class Typed:
    """What stands in the form, and what is wrong with it."""

    url: str = ""
    shape: str = Shape.WEBHOOK.value
    events: tuple[str, ...] = ()
    site: str = ""
    errors: tuple[FieldError, ...] = ()

    def errors_of(self, field: str) -> list[FieldError]:
        """Return what is wrong with one field."""
        return [error for error in self.errors if error.field == field]


def endpoints() -> Response:
    """``GET /dashboard/endpoints``"""
    return _list(Typed())


def add_endpoint() -> WerkzeugResponse:
    """``POST /dashboard/endpoints``: 303 to the new endpoint's page, which shows its secret"""
    form = EndpointForm()
    form.require_valid()
    typed = _typed(form)
    site = next((site for site in _owned_sites() if site.key == typed.site), None)
    if site is None:
        raise UnknownEndpoint
    try:
        added = actions.add_endpoint(site.key, _wish(typed), _client(), clock.now())
    except InvalidFields as wrong:
        again = Typed(typed.url, typed.shape, typed.events, typed.site, wrong.errors)
        return _list(again, HTTPStatus.UNPROCESSABLE_ENTITY)
    return _back(added.id)


def endpoint(endpoint_id: int) -> Response:
    """``GET /dashboard/endpoints/{id}``"""
    found = _endpoint_or_404(endpoint_id)
    return _page(found, Typed(found.url, found.shape, tuple(found.events)))


def change_endpoint(endpoint_id: int) -> WerkzeugResponse:
    """``POST /dashboard/endpoints/{id}``"""
    found = _endpoint_or_404(endpoint_id)
    form = EndpointForm()
    form.require_valid()
    typed = _typed(form)
    try:
        actions.change_endpoint(found.id, _wish(typed), _client())
    except InvalidFields as wrong:
        again = Typed(typed.url, typed.shape, typed.events, errors=wrong.errors)
        return _page(found, again, HTTPStatus.UNPROCESSABLE_ENTITY)
    return _back(found.id)


def test_endpoint(endpoint_id: int) -> WerkzeugResponse:
    """``POST /dashboard/endpoints/{id}/test``: 303 to the delivery"""
    found = _endpoint_or_404(endpoint_id)
    ProtectedForm().require_valid()
    delivery = actions.send_test(found.id, clock.now())
    return redirect(address("delivery", delivery_id=delivery.id), HTTPStatus.SEE_OTHER)


def rotate_secret(endpoint_id: int) -> WerkzeugResponse:
    """``POST /dashboard/endpoints/{id}/rotate``"""
    found = _endpoint_or_404(endpoint_id)
    ProtectedForm().require_valid()
    actions.rotate_secret(found.id, clock.now())
    return _back(found.id)


def switch_endpoint(endpoint_id: int) -> WerkzeugResponse:
    """``POST /dashboard/endpoints/{id}/switch``: on or off"""
    found = _endpoint_or_404(endpoint_id)
    form = SwitchForm()
    form.require_valid()
    actions.set_enabled(found.id, clock.now(), is_enabled=form.to.data == "on")
    return _back(found.id)


def replay_endpoint(endpoint_id: int) -> WerkzeugResponse:
    """``POST /dashboard/endpoints/{id}/replay``: all that it did not get"""
    found = _endpoint_or_404(endpoint_id)
    ProtectedForm().require_valid()
    actions.replay_failed(found.id, clock.now())
    return _back(found.id)


def remove_endpoint(endpoint_id: int) -> WerkzeugResponse:
    """``POST /dashboard/endpoints/{id}/remove``"""
    found = _endpoint_or_404(endpoint_id)
    ProtectedForm().require_valid()
    actions.remove_endpoint(found.id)
    return redirect(address("endpoints"), HTTPStatus.SEE_OTHER)


def delivery(delivery_id: int) -> Response:
    """``GET /dashboard/endpoints/deliveries/{id}``"""
    kept = _delivery_or_404(delivery_id)
    found = _endpoint_or_404(kept.endpoint_id)
    return show("delivery.html", endpoint=found, delivery=view_delivery(session(), kept.id))


def replay_delivery(delivery_id: int) -> WerkzeugResponse:
    """``POST /dashboard/endpoints/deliveries/{id}/replay``"""
    kept = _delivery_or_404(delivery_id)
    ProtectedForm().require_valid()
    actions.replay(kept.id, clock.now())
    return redirect(address("delivery", delivery_id=kept.id), HTTPStatus.SEE_OTHER)


def _list(typed: Typed, status: int = HTTPStatus.OK) -> Response:
    sites = _owned_sites()
    return show(
        "endpoints.html",
        status,
        views=view_endpoints(session(), [site.id for site in sites]),
        sites=sites,
        typed=typed,
        shapes=list(Shape),
        known_events=[kind.value for kind in SUBSCRIBABLE],
    )


def _page(found: Endpoint, typed: Typed, status: int = HTTPStatus.OK) -> Response:
    asked = request.args.get("state", "")
    state = asked if asked in set(OutgoingState) else ""
    shown = view_deliveries(session(), found.id, state, read_number(request.args.get("before")))
    (view,) = (v for v in view_endpoints(session(), [found.site_id]) if v.endpoint.id == found.id)
    return show(
        "endpoint.html",
        status,
        view=view,
        endpoint=found,
        typed=typed,
        secret=_fresh_secret(found, clock.now()),
        shapes=list(Shape),
        known_events=[kind.value for kind in SUBSCRIBABLE],
        state=state,
        states=list(OutgoingState),
        deliveries=shown,
        next=shown[-1].id if len(shown) == SHOWN_MAX else None,
    )


def _fresh_secret(found: Endpoint, at: datetime) -> str | None:
    made_at = found.created_at
    if found.old_secret_until is not None:
        made_at = found.old_secret_until - OLD_SECRET_SERVES_FOR
    is_fresh = found.shape == Shape.WEBHOOK and at - made_at < SECRET_SHOWN_FOR
    return found.secret if is_fresh else None


def _typed(form: EndpointForm) -> Typed:
    return Typed(
        form.url.data or "",
        form.shape.data or Shape.WEBHOOK.value,
        tuple(request.form.getlist("event")),
        form.site.data or "",
    )


def _wish(typed: Typed) -> Wish:
    return Wish(typed.url, typed.events, Shape(typed.shape))


def _owned_sites() -> list[Site]:
    moderator = current_moderator()
    return [
        site for site in sites_of(session(), moderator) if moderator.role_on(site.id) == Role.OWNER
    ]


def _endpoint_or_404(endpoint_id: int) -> Endpoint:
    owned = [site.id for site in _owned_sites()]
    found = session().scalar(
        select(Endpoint).where(Endpoint.id == endpoint_id, Endpoint.site_id.in_(owned))
    )
    if found is None:
        raise UnknownEndpoint
    return found


def _delivery_or_404(delivery_id: int) -> Delivery:
    found = session().get(Delivery, delivery_id)
    if found is None:
        raise UnknownDelivery
    _endpoint_or_404(found.endpoint_id)
    return found


def _client() -> Client:
    return Client(allows_private=current_engine().settings.allow_private_webhooks)


def _back(endpoint_id: int) -> WerkzeugResponse:
    return redirect(address("endpoint", endpoint_id=endpoint_id), HTTPStatus.SEE_OTHER)
