"""Claims: of two workers one gets a delivery, and what a dead one had is taken up again."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from commentbox.actions.endpoints import Wish, add_endpoint
from commentbox.db import atomic, session
from commentbox.delivery.fanout import fan_out
from commentbox.delivery.webhooks import Result
from commentbox.models import Delivery, Endpoint, Event, Site
from tests.actions.conftest import AtOnce
from tests.delivery.conftest import CLIENT, Outbox
from tests.factories import WRITTEN_AT, write
from tests.receivers import Receiver, status

POSTED = ("comment.posted",)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Return the address of a database of each kind in turn: they lock differently."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def endpoint(site: Site, receiver: Receiver) -> Endpoint:
    """Return an endpoint that wants to hear of new comments only."""
    return add_endpoint(site.key, Wish(receiver.url, POSTED), CLIENT, WRITTEN_AT)


def test_what_a_dead_worker_had_claimed_is_taken_up_within_half_a_minute(
    site: Site, endpoint: Endpoint, receiver: Receiver, outbox: Outbox
) -> None:
    write(site)
    with atomic() as current:
        fan_out(current, WRITTEN_AT)
    with atomic() as current:
        (lost,) = outbox.track.claim(current, WRITTEN_AT, 9, [])
    assert outbox.deliver(WRITTEN_AT + timedelta(seconds=20)) == []
    assert len(outbox.deliver(WRITTEN_AT + timedelta(seconds=30))) == 1
    # The dead one comes back to life and says that it failed: that counts no more.
    late = Result(lost, WRITTEN_AT, timedelta(seconds=31), status=500)
    with atomic() as current:
        outbox.track.note(current, [late], WRITTEN_AT + timedelta(seconds=31))
    assert session().scalars(select(Delivery.state)).all() == ["delivered"]


def test_what_arrived_has_arrived_however_late_it_is_said(
    site: Site, endpoint: Endpoint, receiver: Receiver, outbox: Outbox
) -> None:
    receiver.replies = [status(500)]
    write(site)
    with atomic() as current:
        fan_out(current, WRITTEN_AT)
    with atomic() as current:
        (slow,) = outbox.track.claim(current, WRITTEN_AT, 9, [])
    outbox.deliver(WRITTEN_AT + timedelta(seconds=30))
    late = Result(slow, WRITTEN_AT, timedelta(seconds=31), status=200)
    with atomic() as current:
        outbox.track.note(current, [late], WRITTEN_AT + timedelta(seconds=31))
    assert session().scalars(select(Delivery.state)).all() == ["delivered"]


def test_of_two_workers_one_gets_a_delivery(site: Site, endpoint: Endpoint, outbox: Outbox) -> None:
    write(site)
    with atomic() as current:
        fan_out(current, WRITTEN_AT)
    with atomic() as current:
        first = outbox.track.claim(current, WRITTEN_AT, 9, [])
    with atomic() as current:
        second = outbox.track.claim(current, WRITTEN_AT, 9, [])
    assert (len(first), len(second)) == (1, 0)


def test_one_slow_endpoint_does_not_take_all_lanes(
    site: Site, endpoint: Endpoint, receiver: Receiver, outbox: Outbox
) -> None:
    for _ in range(20):
        write(site)
    other = add_endpoint(site.key, Wish(receiver.url, POSTED), CLIENT, WRITTEN_AT)
    write(site)
    with atomic() as current:
        fan_out(current, WRITTEN_AT)
    with atomic() as current:
        busy = list(outbox.track.claim(current, WRITTEN_AT, outbox.track.lanes, []))
    with atomic() as current:
        busy += outbox.track.claim(current, WRITTEN_AT, outbox.track.lanes, busy)
    numbers = [job.endpoint_id for job in busy]
    assert (numbers.count(endpoint.id), numbers.count(other.id)) == (12, 1)


def test_workers_at_once_share_without_a_double(
    site: Site, endpoint: Endpoint, outbox: Outbox, at_once: AtOnce[list[int]]
) -> None:
    for _ in range(9):
        write(site)

    def work(_number: int) -> list[int]:
        with atomic() as current:
            fan_out(current, WRITTEN_AT)
        with atomic() as current:
            jobs = outbox.track.claim(current, WRITTEN_AT, 3, [])
            return [job.delivery_id for job in jobs]

    claimed = [number for taken in at_once(4, work) for number in taken]
    assert len(claimed) == len(set(claimed))
    assert session().scalars(select(Event.id).where(Event.is_new)).all() == []
    assert len(session().scalars(select(Delivery)).all()) == 9
