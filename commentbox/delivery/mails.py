"""The way of mails: put together when they are due, sent, and forgotten but for the fact."""

import logging
import random
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from commentbox.delivery.backoff import SCHEDULE, next_attempt_at
from commentbox.delivery.email.letters import facts_of
from commentbox.delivery.email.links import Links
from commentbox.delivery.email.message import message
from commentbox.delivery.email.postman import Postman, Undelivered
from commentbox.delivery.email.rendering import letter
from commentbox.models import Mail, OutgoingState
from commentbox.models.outgoing import LEASE, hold
from commentbox.statements import Statement

logger = logging.getLogger("commentbox.delivery")

WAITS_FOR_A_SERVER = timedelta(days=3)
"""A mail that no server is set up for is dropped after that, with a line in the log."""
LOOKS_FOR_A_SERVER_EVERY = timedelta(hours=1)


@dataclass(frozen=True)
class MailRoom:
    """What mails need beside their rows; ``postman`` is None where no mail server is set up."""

    postman: Postman | None
    sender: str
    service_url: str  # e.g. "https://comments.example.org", with the path of a mounted engine
    links: Links


@dataclass(frozen=True)
class Job:
    """A claimed mail, ready to be handed over."""

    mail_id: int
    claim: str
    message: EmailMessage


@dataclass(frozen=True)
class Result:
    """What the mail server said."""

    job: Job
    problem: Undelivered | None = None


NEXT_DUE = Statement(select(func.min(Mail.due_at)).where(Mail.state == OutgoingState.PENDING.value))


class Mails:
    """The track of mails."""

    lanes = 2

    def __init__(
        self,
        room: MailRoom,
        schedule: Sequence[timedelta] = SCHEDULE,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._room, self._schedule, self._chance = room, schedule, chance

    def next_due_at(self, session: Session) -> datetime | None:
        """Return when the next mail is due; None when nothing waits."""
        ((due_at,),) = NEXT_DUE.run(session, {})
        return due_at  # type: ignore[no-any-return]

    def claim(
        self, session: Session, at: datetime, free: int, _busy: Collection[Job]
    ) -> Sequence[Job]:
        """Take mails that are due and put them together."""
        due = session.scalars(
            select(Mail)
            .where(Mail.state == OutgoingState.PENDING, Mail.due_at <= at)
            .order_by(Mail.due_at)
            .limit(free)
            .with_for_update(skip_locked=True)
        ).all()
        jobs = []
        for mail in due:
            if self._room.postman is None:
                _wait_for_a_server(mail, at)
            elif (made := self._message(session, mail)) is not None:
                jobs.append(Job(mail.id, mail.claim_until(at + LEASE), made))
        return jobs

    def renew(self, session: Session, jobs: Collection[Job], at: datetime) -> None:
        """Hold mails for longer: their server may take minutes, and would be given them again."""
        hold(session, Mail, [(job.mail_id, job.claim) for job in jobs], at)

    def attempt(self, job: Job) -> Result:
        """Hand one mail to the mail server."""
        assert self._room.postman is not None  # without one nothing is claimed
        try:
            self._room.postman.send(job.message)
        except Undelivered as problem:
            return Result(job, problem)
        except Exception as error:  # counted like any failure: else it would be tried for ever
            logger.exception("A mail stumbled.")
            return Result(job, Undelivered(type(error).__name__, is_final=False))
        return Result(job)

    def note(self, session: Session, results: Sequence[Result], at: datetime) -> None:
        """Write down what came of it. What was sent keeps no facts: they may open doors."""
        for result in results:
            mail = session.get(Mail, result.job.mail_id, with_for_update=True)
            if mail is None or mail.state != OutgoingState.PENDING:
                continue
            if result.problem is None:
                mail.succeed(at)
                mail.problem = None
                mail.facts = _kept(mail)
            elif mail.claim == result.job.claim:
                self._fail(mail, result.problem, at)

    def _fail(self, mail: Mail, problem: Undelivered, at: datetime) -> None:
        mail.problem = problem.problem
        again = next_attempt_at(mail.attempt_count + 1, at, self._chance(), schedule=self._schedule)
        if again is None or problem.is_final:
            mail.give_up(at)
            logger.warning("A mail (%s) was given up: %s", mail.template, problem.problem)
        else:
            mail.try_again(again)

    def _message(self, session: Session, mail: Mail) -> EmailMessage | None:
        try:
            return self._written(session, mail)
        except Exception:
            # One bad mail, say with a fact that its template does not find, must not hold up others.
            logger.exception("A mail (%s) cannot be put together.", mail.template)
            mail.problem = "cannot be put together"
            mail.give_up(mail.due_at)
            return None

    def _written(self, session: Session, mail: Mail) -> EmailMessage | None:
        facts = facts_of(session, mail, self._room.links)
        if facts is None:
            session.delete(mail)  # nothing to say any more
            return None
        return message(
            letter(mail.template, mail.language, facts, self._room.service_url),
            self._room.sender,
            mail.to,
            f"commentbox.{mail.id}.{mail.queued_at.timestamp():.6f}",
            mail.queued_at,
            self._room.service_url,
            facts.get("unsubscribe"),
        )


def _wait_for_a_server(mail: Mail, at: datetime) -> None:
    mail.problem = "no mail server is set up"
    if at >= mail.queued_at + WAITS_FOR_A_SERVER:
        logger.warning("A mail (%s) was dropped: no mail server is set up.", mail.template)
        mail.give_up(at)
    else:
        mail.due_at = at + LOOKS_FOR_A_SERVER_EVERY


def _kept(mail: Mail) -> dict[str, object]:
    return {name: value for name, value in mail.facts.items() if name.endswith("_id")}
