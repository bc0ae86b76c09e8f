"""Times as the API, feeds and headers write them."""

from datetime import datetime


def rfc3339(moment: datetime) -> str:
    """Return a moment in UTC to the second, e.g. ``2026-03-01T12:00:00Z``."""
    return f"{moment.replace(tzinfo=None).isoformat(timespec='seconds')}Z"
