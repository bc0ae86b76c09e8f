"""The worker as it runs: at once for what others write, and on its feet whatever happens."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from commentbox.actions.endpoints import Wish, add_endpoint
from commentbox.db import atomic, own_engine, session
from commentbox.delivery.email.links import Links
from commentbox.delivery.email.postman import Postman
from commentbox.delivery.mails import MailRoom, Mails
from commentbox.delivery.track import Track
from commentbox.delivery.webhooks import Job, Result, Webhooks
from commentbox.delivery.worker import Worker
from commentbox.models import Delivery, Mail, Site
from commentbox.models.mail import queue_mail
from commentbox.models.outgoing import LEASE
from tests.delivery.conftest import CLIENT
from tests.factories import WRITTEN_AT, write
from tests.grounds import bare_app, eventually
from tests.mail_server import taking_mail
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
    def run_one(
        track: Track[Any, Any] | None = None, now: Callable[[], datetime] = lambda: WRITTEN_AT
    ) -> Iterator[None]:
        # The week for which deliveries are kept has not passed on this clock.
        worker = Worker(bare_app(engine).app_context, engine, [track or Webhooks(CLIENT)], now)
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


@dataclass
class Clock:
    """A clock in hand."""

    at: datetime = WRITTEN_AT

    def __call__(self) -> datetime:
        return self.at


def test_mails_that_their_server_takes_minutes_for_are_sent_once(
    site: Site, working: Working
) -> None:
    with taking_mail() as server:
        server.may_take.clear()
        clock, room = Clock(), MailRoom(Postman(server.url), "a@example.org", "", Links("key"))
        tracks = [Mails(room), Mails(room)]
        for _ in range(Mails.lanes):
            queue(site, clock.at)
        with working(tracks[0], clock):
            assert eventually(lambda: server.brought == Mails.lanes)
            with working(tracks[1], clock):
                for _ in range(6):
                    clock.at += LEASE * 0.4
                    queue(site, WRITTEN_AT + timedelta(days=1))  # rings the bell
                    assert eventually(lambda: all(due > clock.at + LEASE / 2 for due in dues()))
                server.may_take.set()
                assert eventually(lambda: len(server.mails) == Mails.lanes and not dues())
        assert server.brought == Mails.lanes


def queue(site: Site, at: datetime) -> None:
    """Queue a mail that is due at a moment."""
    facts = {"site": "blog", "host": "h", "reason": None, "path": "/secret"}
    with atomic() as current:
        queue_mail(
            current, to="a@example.org", template="endpoint", facts=facts, language="de", at=at
        )


def dues() -> list[datetime]:
    """Return until when mails are claimed."""
    claimed = select(Mail.due_at).where(Mail.claim.is_not(None))
    with atomic() as current:
        return list(current.scalars(claimed))


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
