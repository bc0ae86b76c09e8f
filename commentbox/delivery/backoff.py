"""When to try again. Pure: moments and chance come in as arguments."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

SCHEDULE: Sequence[timedelta] = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""How long each attempt waits after the one before it; the example of Standard Webhooks 1.0.0."""

JITTER = 0.1
"""By how much of itself a wait is drawn out at most, so that what failed together does not return together."""

RETRY_AFTER_MAX = timedelta(days=1)


def next_attempt_at(
    failed: int,
    at: datetime,
    chance: float,
    retry_after: timedelta | None = None,
    schedule: Sequence[timedelta] = SCHEDULE,
) -> datetime | None:
    """Return when to try again after ``failed`` attempts, the last one at ``at``; None: give up.

    ``chance`` is from 0 to 1. A receiver may ask for more time than the schedule gives, not for less.
    """
    if failed >= len(schedule):
        return None
    wait = schedule[failed] * (1 + JITTER * chance)
    return at + max(wait, min(retry_after or wait, RETRY_AFTER_MAX))


def read_retry_after(value: str | None, now: datetime) -> timedelta | None:
    """Return how long a ``Retry-After`` header asks to wait: seconds, or a date (RFC 9110).

    At most ``RETRY_AFTER_MAX``: a date at the end of time must not put anything off until then.
    """
    written = (value or "").strip()
    if written.isascii() and written.isdecimal():
        return timedelta(seconds=min(int(written[:9]), RETRY_AFTER_MAX.total_seconds()))
    try:
        moment = parsedate_to_datetime(written)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max(moment - now, timedelta(0)), RETRY_AFTER_MAX)
