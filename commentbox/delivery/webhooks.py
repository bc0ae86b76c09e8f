"""The way of deliveries: claim what is due, send it, and write down what came of it."""

import logging
import random
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, contains_eager

from commentbox import clock
from commentbox.delivery.backoff import SCHEDULE, next_attempt_at, read_retry_after
from commentbox.delivery.payload import payload
from commentbox.delivery.shapes import Message, request_for
from commentbox.delivery.warnings import warn_of
from commentbox.models import Attempt, Delivery, DisabledBecause, Endpoint, Event, OutgoingState
from commentbox.models.delivery import give_up_all
from commentbox.models.outgoing import LEASE, hold
from commentbox.outbound import Client, Problem, Trouble
from commentbox.statements import Statement

logger = logging.getLogger("commentbox.delivery")

LANES = 32
LANES_PER_ENDPOINT = 12
"""So that one slow receiver does not keep all the others waiting."""

GONE = 410
BUSY = frozenset({429, 502, 504})
"""Answers that ask for fewer requests, not for another try of this one."""
PAUSE = timedelta(seconds=5)


@dataclass(frozen=True)
class Job:
    """A claimed delivery with all that an attempt needs; no row and no session."""

    delivery_id: int
    endpoint_id: int
    claim: str
    message: Message


@dataclass(frozen=True)
class Result:
    """What came of one attempt: a status and the first words, or a problem."""

    job: Job
    began_at: datetime
    took: timedelta
    status: int | None = None
    body: bytes = b""
    problem: Problem | None = None
    retry_after: timedelta | None = None

    @property
    def has_arrived(self) -> bool:
        """Whether the receiver has it: any 2xx."""
        return self.status is not None and 200 <= self.status <= 299


NEXT_DUE = Statement(
    select(func.min(Delivery.due_at)).where(Delivery.state == OutgoingState.PENDING.value)
)


class Webhooks:
    """The track of deliveries to endpoints, chats among them."""

    lanes = LANES

    def __init__(
        self,
        client: Client,
        schedule: Sequence[timedelta] = SCHEDULE,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._client, self._schedule, self._chance = client, schedule, chance

    def next_due_at(self, session: Session) -> datetime | None:
        """Return when the next delivery is due; None when nothing waits."""
        ((due_at,),) = NEXT_DUE.run(session, {})
        return due_at  # type: ignore[no-any-return]

    def claim(
        self, session: Session, at: datetime, free: int, busy: Collection[Job]
    ) -> Sequence[Job]:
        """Take deliveries that are due, spread over their endpoints."""
        lanes = Counter(job.endpoint_id for job in busy)
        full = [number for number, taken in lanes.items() if taken >= LANES_PER_ENDPOINT]
        jobs = []
        for delivery in session.scalars(_due(at, free, full)):
            endpoint = delivery.endpoint
            if endpoint.paused_until and endpoint.paused_until > at:
                delivery.due_at = endpoint.paused_until
            elif lanes[endpoint.id] < LANES_PER_ENDPOINT:
                lanes[endpoint.id] += 1
                jobs += self._claimed(session, delivery, at)
        return jobs

    def _claimed(self, session: Session, delivery: Delivery, at: datetime) -> list[Job]:
        try:
            return [claimed(session, delivery, at)]
        except SQLAlchemyError:
            raise
        except Exception:  # one message that cannot be put together must not hold up others
            logger.exception("A message cannot be put together.")
            delivery.give_up(at)
            return []

    def renew(self, session: Session, jobs: Collection[Job], at: datetime) -> None:
        """Hold deliveries for longer, say while a name server lets us wait."""
        hold(session, Delivery, [(job.delivery_id, job.claim) for job in jobs], at)

    def attempt(self, job: Job) -> Result:
        """Send one message once."""
        began_at, start = clock.now(), monotonic()

        def result(**came: object) -> Result:
            took = timedelta(seconds=monotonic() - start)
            return Result(job, began_at, took, **came)  # type: ignore[arg-type]

        try:
            answer = self._client.send(request_for(job.message, began_at))
        except Trouble as trouble:
            return result(problem=trouble.problem)
        except Exception:  # counted like any failure: else it would be tried for ever
            logger.exception("An attempt stumbled.")
            return result(problem=Problem.STUMBLED)
        retry_after = read_retry_after(answer.headers.get("retry-after"), began_at)
        return result(status=answer.status, body=answer.body, retry_after=retry_after)

    def note(self, session: Session, results: Sequence[Result], at: datetime) -> None:
        """Write attempts into the log, and decide what becomes of deliveries and endpoints."""
        for result in results:
            delivery = session.get(Delivery, result.job.delivery_id, with_for_update=True)
            if delivery is None:  # endpoint or comment were deleted meanwhile
                continue
            session.add(_logged(result))
            is_ours = delivery.claim == result.job.claim
            if delivery.state != OutgoingState.PENDING or not (is_ours or result.has_arrived):
                continue  # somebody took it up after our lease: what they come to counts
            endpoint = session.get_one(Endpoint, delivery.endpoint_id)
            if result.has_arrived:
                delivery.succeed(at)
                endpoint.note_success()
            else:
                self._fail(session, delivery, endpoint, result, at)

    def _fail(
        self,
        session: Session,
        delivery: Delivery,
        endpoint: Endpoint,
        result: Result,
        at: datetime,
    ) -> None:
        endpoint.note_failure(at)
        if result.status in BUSY:
            endpoint.pause(at + (result.retry_after or PAUSE))
        again = next_attempt_at(
            delivery.attempt_count + 1, at, self._chance(), result.retry_after, self._schedule
        )
        if again and endpoint.is_enabled:
            delivery.try_again(again)
        else:
            delivery.give_up(at)
        if endpoint.is_enabled and (reason := _reason_to_stop(endpoint, result, at)):
            endpoint.disable(reason)
            session.flush()
            give_up_all(session, endpoint, at)
            warn_of(session, endpoint, at)
        elif endpoint.is_enabled and endpoint.is_to_be_warned_of(at):
            endpoint.warned_at = at
            warn_of(session, endpoint, at)


def claimed(session: Session, delivery: Delivery, at: datetime) -> Job:
    """Claim one delivery inside the caller's transaction, with all that its attempt needs."""
    endpoint = delivery.endpoint
    event = session.get_one(Event, delivery.event_id)
    message = Message(
        shape=endpoint.shape,
        url=endpoint.url,
        uid=event.uid,
        body=payload(session, event, endpoint.payload_version),
        secrets=endpoint.secrets_at(at),
        language=endpoint.site.language,
    )
    return Job(delivery.id, endpoint.id, delivery.claim_until(at + LEASE), message)


def _due(at: datetime, limit: int, full: Sequence[int]) -> Select[Any]:
    return (
        select(Delivery)
        .join(Delivery.endpoint)
        .options(contains_eager(Delivery.endpoint))
        .where(
            Delivery.state == OutgoingState.PENDING,
            Delivery.due_at <= at,
            Delivery.endpoint_id.not_in(full),
        )
        .order_by(Delivery.due_at)
        .limit(limit)
        .with_for_update(of=Delivery, skip_locked=True)
    )


def _reason_to_stop(endpoint: Endpoint, result: Result, at: datetime) -> DisabledBecause | None:
    if result.status == GONE:
        return DisabledBecause.GONE
    return DisabledBecause.FAILING if endpoint.has_failed_too_long(at) else None


def _logged(result: Result) -> Attempt:
    return Attempt(
        delivery_id=result.job.delivery_id,
        began_at=result.began_at,
        took_ms=round(result.took / timedelta(milliseconds=1)),
        status=result.status,
        problem=result.problem.value if result.problem else None,
        # PostgreSQL takes no NUL, and a byte that is cut in the middle is no character.
        body=result.body.decode("utf-8", "replace").replace("\x00", "\N{REPLACEMENT CHARACTER}"),
    )
