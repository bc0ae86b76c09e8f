"""The ground of the outbox's tests: an application context, a receiver, and a clock in hand."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine

from commentbox.actions.endpoints import Wish, add_endpoint
from commentbox.db import atomic
from commentbox.delivery.fanout import fan_out
from commentbox.delivery.webhooks import Result, Webhooks
from commentbox.models import Endpoint, Site
from commentbox.outbound import Client
from tests.actions.conftest import at_once
from tests.factories import WRITTEN_AT
from tests.grounds import bare_app
from tests.receivers import Receiver, receiving

__all__ = ["at_once"]

CLIENT = Client(allows_private=True, timeout=timedelta(seconds=60))


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Return the address of a SQLite database; where the two kinds differ, a test asks for both."""
    return sqlite_url


@pytest.fixture
def app(engine: Engine) -> Flask:
    """Return an app that has the test's database and nothing else."""
    return bare_app(engine)


@pytest.fixture(autouse=True)
def _in_the_app(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Return a receiver under an address of its own."""
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def endpoint(site: Site, receiver: Receiver) -> Endpoint:
    """Return an endpoint of the site that leads to the receiver."""
    return add_endpoint(site.key, Wish(receiver.url), CLIENT, WRITTEN_AT)


@pytest.fixture
def outbox() -> "Outbox":
    """Return the outbox, worked by hand."""
    return Outbox()


class Outbox:
    """A worker's steps without its threads: what is due at a moment is sent at that moment."""

    def __init__(self) -> None:
        self.track = Webhooks(CLIENT, chance=lambda: 0.0)
        self.at = WRITTEN_AT

    def deliver(self, at: datetime | None = None) -> list[Result]:
        """Fan out, claim all that is due, send it and write down what came of it."""
        self.at = at or self.at
        with atomic() as session:
            fan_out(session, self.at)
        with atomic() as session:
            jobs = self.track.claim(session, self.at, self.track.lanes, [])
        results = [self.track.attempt(job) for job in jobs]
        with atomic() as session:
            self.track.note(session, results, self.at)
        return results
