"""What a worker does with one kind of outgoing row: claim, attempt, note."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from sqlalchemy.orm import Session

J = TypeVar("J")
R = TypeVar("R")


class Track(Protocol, Generic[J, R]):
    """Webhooks are one, mails another; the worker treats them alike.

    ``claim``, ``renew``, ``note`` and ``next_due_at`` work inside the caller's transaction; ``attempt`` is
    the only one to touch the network, and runs in a thread without any database.
    """

    lanes: int
    """How many attempts may be under way at once."""

    def next_due_at(self, session: Session) -> datetime | None:
        """Return when the next row is due; None when nothing waits."""

    def claim(self, session: Session, at: datetime, free: int, busy: Collection[J]) -> Sequence[J]:
        """Take at most ``free`` rows that are due, beside the jobs that are under way."""

    def renew(self, session: Session, jobs: Collection[J], at: datetime) -> None:
        """Let the claims of jobs that are under way hold for another lease."""

    def attempt(self, job: J) -> R:
        """Send. What goes wrong is part of the result."""

    def note(self, session: Session, results: Sequence[R], at: datetime) -> None:
        """Write down what came of attempts."""
