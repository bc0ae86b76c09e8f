"""Figures for Prometheus: how the outbox stands. Nothing in them tells who wrote what."""

from collections.abc import Iterator
from datetime import datetime

from flask import Response

from commentbox import clock
from commentbox.__about__ import __version__
from commentbox.db import session
from commentbox.reading.deliveries import Figures, view_figures

MIME = "text/plain; version=0.0.4; charset=utf-8"


def metrics() -> Response:
    """``GET /metrics``: figures in Prometheus' text format"""
    now = clock.now()
    lines = _lines(view_figures(session(), now), now)
    answer = Response("\n".join([*lines, ""]), content_type=MIME)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _lines(figures: Figures, now: datetime) -> Iterator[str]:
    yield from _described("commentbox_info", "The release that answers.")
    yield f'commentbox_info{{version="{__version__}"}} 1'
    yield from _described("commentbox_deliveries", "Deliveries of the last seven days, by state.")
    yield from _by_state("commentbox_deliveries", figures.deliveries)
    yield from _described("commentbox_mails", "Mails of the last seven days, by state.")
    yield from _by_state("commentbox_mails", figures.mails)
    yield from _described("commentbox_events_new", "Events that no worker has fanned out yet.")
    yield f"commentbox_events_new {figures.new_events}"
    yield from _described("commentbox_endpoints_disabled", "Endpoints that nothing is sent to.")
    yield f"commentbox_endpoints_disabled {figures.disabled_endpoints}"
    yield from _described(
        "commentbox_outbox_oldest_due_seconds", "For how long the oldest row has been due; else 0."
    )
    yield f"commentbox_outbox_oldest_due_seconds {age_seconds(figures, now):.0f}"


def age_seconds(figures: Figures, now: datetime) -> float:
    """Return for how long the oldest row has been due; 0 when nothing is late."""
    due_at = figures.oldest_due_at
    return max((now - due_at).total_seconds(), 0.0) if due_at else 0.0


def _described(name: str, meaning: str) -> Iterator[str]:
    yield f"# HELP {name} {meaning}"
    yield f"# TYPE {name} gauge"


def _by_state(name: str, counts: dict[str, int]) -> Iterator[str]:
    for state, count in counts.items():
        yield f'{name}{{state="{state}"}} {count}'
