"""The only clock: everything that needs the time takes it from here or as an argument."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the current moment in UTC, e.g. ``datetime(2026, 3, 1, 12, 0, tzinfo=UTC)``."""
    return datetime.now(UTC)
