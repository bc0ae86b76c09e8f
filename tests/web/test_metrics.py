"""What the service tells of its outbox."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from commentbox import clock
from commentbox.models import Site
from tests.factories import write


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


def test_figures_tell_what_waits_and_for_how_long(
    app: Flask, client: FlaskClient, site: Site
) -> None:
    with app.app_context():
        write(site, at=clock.now() - timedelta(hours=1))
    figures = client.get("/metrics")
    assert figures.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    lines = dict(
        line.rsplit(" ", 1) for line in figures.text.splitlines() if not line.startswith("#")
    )
    assert lines["commentbox_events_new"] == "2"
    assert lines['commentbox_deliveries{state="pending"}'] == "0"
    assert int(lines["commentbox_outbox_oldest_due_seconds"]) >= 3600
    outbox = client.get("/readyz").get_json()["outbox"]
    assert (outbox["pending"], outbox["failed"]) == (2, 0)
    assert outbox["oldest_due_seconds"] >= 3600
