"""The worker as it runs: at once for what others write, and on its feet whatever happens."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from commentbox.actions.endpoints import Wish, add_endpoint
from commentbox.db import own_engine, session
from commentbox.delivery.webhooks import Job, Result, Webhooks
from commentbox.delivery.worker import Worker
from commentbox.models import Delivery, Site
from tests.delivery.conftest import CLIENT
from tests.factories import WRITTEN_AT, write
from tests.grounds import bare_app, eventually
from tests.receivers import Receiver

Working = Callable[..., AbstractContextManager[None]]


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Return the address of a database of each kind in turn: they wake a worker differently."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def working(database_url: str) -> Iterator[Working]:
    """Return a function that runs a worker on an engine of its own, as another process would."""
    engine = own_engine(database_url)

    @contextmanager
    def run_one(track: Webhooks | None = None) -> Iterator[None]:
        # The week for which deliveries are kept has not passed on this clock.
        tracks, now = [track or Webhooks(CLIENT)], lambda: WRITTEN_AT
        worker = Worker(bare_app(engine).app_context, engine, tracks, now)
        thread = threading.Thread(target=worker.run)
        thread.start()
        yield
        worker.stop()
        thread.join()

    yield run_one
    engine.dispose()


def test_a_worker_delivers_what_another_process_writes(
    site: Site, receiver: Receiver, working: Working
) -> None:
    add_endpoint(site.key, Wish(receiver.url, ("comment.posted",)), CLIENT, WRITTEN_AT)
    with working(), working():
        comments = [write(site) for _ in range(10)]
        assert eventually(lambda: len(receiver.received) >= len(comments))
    assert len({each.headers["webhook-id"] for each in receiver.received}) == len(comments)
    assert len(receiver.received) == len(comments), "two workers send each attempt once"
    assert states() == ["delivered"] * len(comments)


def test_who_comes_while_nobody_was_to_be_told_hears_of_what_happens_then(
    site: Site, receiver: Receiver, working: Working
) -> None:
    with working():
        write(site)
        write(site)
        add_endpoint(site.key, Wish(receiver.url, ("comment.posted",)), CLIENT, WRITTEN_AT)
        later = write(site)
        assert eventually(lambda: len(receiver.received) > 0)
    told = [json.loads(each.body)["data"]["comment"]["id"] for each in receiver.received]
    assert told == [later.id]


class Stumbling(Webhooks):
    """A track whose first claim, first attempt and first note go wrong."""

    def __init__(self) -> None:
        super().__init__(CLIENT)
        self.troubles = [OperationalError("BEGIN", None, Exception("the disk is full"))]
        self.bugs = [ZeroDivisionError()]

    def claim(self, session: Session, at: datetime, free: int, busy: object) -> Sequence[Job]:
        if self.bugs:
            raise self.bugs.pop()
        return super().claim(session, at, free, busy)  # type: ignore[arg-type]

    def note(self, session: Session, results: Sequence[Result], at: datetime) -> None:
        if self.troubles:
            raise self.troubles.pop()
        super().note(session, results, at)


def test_a_worker_goes_on_after_trouble_and_forgets_no_result(
    site: Site, receiver: Receiver, working: Working, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("commentbox.delivery.worker.AFTER_TROUBLE", WRITTEN_AT - WRITTEN_AT)
    add_endpoint(site.key, Wish(receiver.url, ("comment.posted",)), CLIENT, WRITTEN_AT)
    write(site)
    with working(Stumbling()):
        assert eventually(lambda: states() == ["delivered"])
    assert len(receiver.received) == 1


class Unwritable(Webhooks):
    """A track that cannot write down what comes of its first attempt, however often it tries."""

    first: str = ""

    def note(self, session: Session, results: Sequence[Result], at: datetime) -> None:
        self.first = self.first or results[0].job.message.uid
        if any(result.job.message.uid == self.first for result in results):
            raise OverflowError("date value out of range")
        super().note(session, results, at)


def test_a_result_that_cannot_be_written_down_holds_up_no_other(
    site: Site, receiver: Receiver, working: Working
) -> None:
    add_endpoint(site.key, Wish(receiver.url, ("comment.posted",)), CLIENT, WRITTEN_AT)
    for _ in range(3):
        write(site)
    with working(Unwritable(CLIENT)):
        assert eventually(lambda: sorted(states()) == ["delivered", "delivered", "pending"])


def states() -> list[str]:
    session().rollback()
    return list(session().scalars(select(Delivery.state)))
