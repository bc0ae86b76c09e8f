"""What waits to leave the house: when it is due, who has claimed it, and how it ended."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, String, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from commentbox.db import UtcDateTime

LEASE = timedelta(seconds=25)
"""How long a claim holds unless it is renewed: what a killed worker had claimed is taken up again
within half a minute."""

_IS_PENDING = text("state = 'pending'")


class OutgoingState(StrEnum):
    """Where a delivery or a mail stands."""

    PENDING = "pending"  # due at some moment, or claimed until then
    DELIVERED = "delivered"
    FAILED = "failed"  # given up; a replay makes it pending again


class Outgoing:
    """The columns and the law of a row of the outbox.

    Who sends it claims it first, which puts ``due_at`` off by a lease and leaves a mark. Only who
    still holds the mark may write down how the attempt ended, so that of two workers one counts.
    """

    state: Mapped[str] = mapped_column(String(12), default=OutgoingState.PENDING.value)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    claim: Mapped[str | None] = mapped_column(String(24))
    attempt_count: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    def claim_until(self, moment: datetime) -> str:
        """Take the row for one attempt, and return the mark to end it by."""
        self.claim = secrets.token_urlsafe(12)
        self.due_at = moment
        return self.claim

    def succeed(self, at: datetime) -> None:
        """Keep that it arrived."""
        self._end_attempt()
        self.state, self.done_at = OutgoingState.DELIVERED.value, at

    def try_again(self, at: datetime) -> None:
        """Keep that an attempt failed and when the next one is due."""
        self._end_attempt()
        self.due_at = at

    def give_up(self, at: datetime) -> None:
        """Keep that it failed for good."""
        self._end_attempt()
        self.state, self.done_at = OutgoingState.FAILED.value, at

    def start_again(self, at: datetime) -> None:
        """Let it be sent once more, under its old id and with all its attempts before it."""
        self.state, self.claim, self.due_at = OutgoingState.PENDING.value, None, at
        self.attempt_count, self.done_at = 0, None

    def _end_attempt(self) -> None:
        self.claim = None
        self.attempt_count += 1


def hold(
    session: Session, kind: type[Any], claims: Iterable[tuple[int, str]], at: datetime
) -> None:
    """Let claims, each a row's number and its mark, hold for another lease, unless they were lost."""
    for number, claim in claims:
        session.execute(
            update(kind)
            .where(kind.id == number, kind.claim == claim)
            .values(due_at=at + LEASE)
            .execution_options(synchronize_session=False)
        )


def due_index(table: str) -> Index:
    """Return the index by which a worker finds what is due."""
    return Index(
        f"ix_{table}_due", "due_at", sqlite_where=_IS_PENDING, postgresql_where=_IS_PENDING
    )
