"""``commentbox webhook …``: endpoints, and what was sent to them."""

import json
import threading
from datetime import datetime, timedelta
from typing import Any

import click
from flask import Flask

from commentbox import clock
from commentbox.actions import endpoints
from commentbox.actions.endpoints import SUBSCRIBABLE, Wish
from commentbox.cli.group import working_app
from commentbox.db import atomic, session
from commentbox.delivery.webhooks import Webhooks, claimed
from commentbox.errors import SetupError
from commentbox.models import Delivery, Endpoint, Shape
from commentbox.models.delivery import KEPT_FOR
from commentbox.outbox import client_of
from commentbox.reading.deliveries import (
    EndpointView,
    view_deliveries,
    view_delivery,
    view_endpoints,
)
from commentbox.web.times import rfc3339


@click.group()
def webhook() -> None:
    """Endpoints that are told what happens, and what was sent to them."""


@webhook.command("add")
@click.argument("url")
@click.option("--site", "site_key", required=True)
@click.option(
    "--event",
    "events",
    multiple=True,
    type=click.Choice([kind.value for kind in SUBSCRIBABLE]),
    help="More than once for several; else all of them.",
)
@click.option(
    "--shape",
    default=Shape.WEBHOOK.value,
    show_default=True,
    type=click.Choice([shape.value for shape in Shape]),
    help="What the service behind the address understands.",
)
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
def add(url: str, site_key: str, events: tuple[str, ...], shape: str, as_json: bool) -> None:
    """Tell an address what happens on a site from now on; prints its secret, once."""
    app = working_app()
    with app.app_context():
        wish = Wish(url, events, Shape(shape))
        added = endpoints.add_endpoint(site_key, wish, _client(app), clock.now())
        if as_json:
            click.echo(json.dumps({"id": added.id, "secret": added.secret}))
            return
        click.echo(f"The endpoint {added.id} is told of {_chosen(added)} on “{site_key}”.")
        if added.shape == Shape.WEBHOOK:
            click.echo("Its messages are signed with this secret, which is not shown again:\n")
            click.echo(added.secret)
        click.echo(f"\nTry it: commentbox webhook test {added.id}")


@webhook.command("list")
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
def list_endpoints(as_json: bool) -> None:
    """List the endpoints and how they fare."""
    with working_app().app_context():
        views = view_endpoints(session(), None)
        if as_json:
            click.echo(json.dumps([_described(view) for view in views], indent=2))
            return
        for view in views:
            click.echo(_line(view))


@webhook.command("test")
@click.argument("endpoint_id", metavar="ID", type=int)
def test(endpoint_id: int) -> None:
    """Send an endpoint a webhook.test now, and say what it answers."""
    app = working_app()
    with app.app_context():
        number = endpoints.send_test(endpoint_id, clock.now()).id
        _deliver_now(app, number)
        _tell(number)


@webhook.command("replay")
@click.argument("what", metavar="ID")
@click.option("--since", type=click.DateTime(), default=None, help="With an endpoint: in UTC.")
def replay(what: str, since: datetime | None) -> None:
    """Send again: a message by its id (msg_…), or all that an endpoint (a number) did not get."""
    with working_app().app_context():
        if not (what.isascii() and what.isdecimal()):
            count = endpoints.replay_message(what, clock.now())
        else:
            moment = since.replace(tzinfo=clock.now().tzinfo) if since else None
            count = endpoints.replay_failed(int(what), clock.now(), moment)
        click.echo(f"{count} deliveries are on their way again.")


@webhook.command("log")
@click.argument("endpoint_id", metavar="ID", type=int)
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
def log(endpoint_id: int, as_json: bool) -> None:
    """Show an endpoint's newest deliveries with their attempts."""
    with working_app().app_context():
        shown = [view_delivery(session(), v.id) for v in view_deliveries(session(), endpoint_id)]
        if as_json:
            click.echo(json.dumps([_logged(view) for view in shown if view], indent=2))
            return
        for view in shown:
            if view is None:
                continue
            click.echo(f"{view.uid}  {view.type}  {view.state}  {rfc3339(view.queued_at)}")
            for attempt in view.attempts:
                click.echo(f"  {rfc3339(attempt.began_at)}  {_outcome(attempt)}")


@webhook.command("rotate")
@click.argument("endpoint_id", metavar="ID", type=int)
def rotate(endpoint_id: int) -> None:
    """Give an endpoint a new secret; for a day the old one signs beside it."""
    with working_app().app_context():
        click.echo(endpoints.rotate_secret(endpoint_id, clock.now()).secret)


@webhook.command("enable")
@click.argument("endpoint_id", metavar="ID", type=int)
def enable(endpoint_id: int) -> None:
    """Send to an endpoint again what happens from now on."""
    with working_app().app_context():
        endpoints.set_enabled(endpoint_id, clock.now(), is_enabled=True)
        click.echo(
            f"The endpoint {endpoint_id} is enabled. "
            f"“commentbox webhook replay {endpoint_id}” sends what it missed in {KEPT_FOR.days} days."
        )


@webhook.command("disable")
@click.argument("endpoint_id", metavar="ID", type=int)
def disable(endpoint_id: int) -> None:
    """Send nothing to an endpoint until it is enabled again."""
    with working_app().app_context():
        endpoints.set_enabled(endpoint_id, clock.now(), is_enabled=False)
        click.echo(f"The endpoint {endpoint_id} is disabled.")


@webhook.command("remove")
@click.argument("endpoint_id", metavar="ID", type=int)
def remove(endpoint_id: int) -> None:
    """Remove an endpoint with the log of its deliveries."""
    with working_app().app_context():
        endpoints.remove_endpoint(endpoint_id)
        click.echo(f"The endpoint {endpoint_id} is removed.")


def _client(app: Flask) -> Any:
    return client_of(app.extensions["commentbox"].settings)


def _deliver_now(app: Flask, number: int) -> None:
    """Send a delivery from this very process, unless a worker was faster."""
    track = Webhooks(_client(app))
    with atomic() as current:
        delivery = current.get(Delivery, number, with_for_update=True)
        if delivery is None or delivery.claim or delivery.attempt_count:
            return
        delivery.endpoint = current.get_one(Endpoint, delivery.endpoint_id)
        job = claimed(current, delivery, clock.now())
    result = track.attempt(job)
    with atomic() as current:
        track.note(current, [result], clock.now())


def _tell(number: int) -> None:
    """Say what came of a test; where a worker has it under way, wait until that is over."""
    pause, end = threading.Event(), clock.now() + timedelta(seconds=30)
    while not (view := view_delivery(session(), number)) or not view.attempts:
        if clock.now() > end:
            raise SetupError("A worker has the test under way and does not come back with it.")
        session().rollback()
        pause.wait(0.2)
    said = _outcome(view.attempts[-1])
    if view.state != "delivered":
        raise SetupError("The endpoint did not take it: %(said)s.", said=said)
    click.echo(f"It arrived: {said}.")


def _chosen(endpoint: Endpoint) -> str:
    return ", ".join(endpoint.events) or "everything"


def _line(view: EndpointView) -> str:
    endpoint = view.endpoint
    state = "enabled" if endpoint.is_enabled else f"disabled ({endpoint.disabled_because})"
    return (
        f"{endpoint.id}: {view.site} → {endpoint.host} ({endpoint.shape}, {_chosen(endpoint)}), "
        f"{state}; {view.delivered} delivered, {view.pending} waiting, {view.failed} failed"
    )


def _described(view: EndpointView) -> dict[str, Any]:
    endpoint = view.endpoint
    return {
        "id": endpoint.id,
        "site": view.site,
        "url": endpoint.url,
        "shape": endpoint.shape,
        "events": endpoint.events,
        "disabled_because": endpoint.disabled_because,
        "delivered": view.delivered,
        "pending": view.pending,
        "failed": view.failed,
    }


def _logged(view: Any) -> dict[str, Any]:
    return {
        "id": view.uid,
        "type": view.type,
        "state": view.state,
        "queued_at": rfc3339(view.queued_at),
        "attempts": [
            {
                "began_at": rfc3339(attempt.began_at),
                "took_ms": attempt.took_ms,
                "status": attempt.status,
                "problem": attempt.problem,
                "body": attempt.body,
            }
            for attempt in view.attempts
        ],
    }


def _outcome(attempt: Any) -> str:
    said = f"status {attempt.status}" if attempt.status is not None else attempt.problem
    return f"{said} after {attempt.took_ms} ms"
