"""Times as the API, feeds and headers write them."""

from datetime import datetime


def rfc3339(moment: datetime) -> str:
    """Return a moment in UTC to the second, e.g. ``2026-03-01T12:00:00Z``."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
