"""Numbers: what the moderator's sites come to, as small charts with the table behind each."""

from datetime import timedelta

from babel.dates import format_date, format_timedelta
from flask import Response, request

from commentbox import clock
from commentbox.db import session
from commentbox.reading.numbers import WAITS, Numbers, view_numbers
from commentbox.reading.visible import sites_of
from commentbox.web.dashboard.charts import Columns, Value, columns
from commentbox.web.dashboard.frame import show
from commentbox.web.dashboard.visit import current_moderator
from commentbox.web.problems import asked_language

PERIODS = (30, 90, 365)


def numbers() -> Response:
    """``GET /dashboard/numbers``"""
    sites = sites_of(session(), current_moderator())
    site = request.args.get("site", "")
    site = site if site in {each.key for each in sites} else ""
    asked = request.args.get("days", "")
    days = next((period for period in PERIODS if str(period) == asked), PERIODS[0])
    found = view_numbers(session(), current_moderator(), site, days, clock.now())
    return show(
        "numbers.html",
        numbers=found,
        sites=sites,
        site=site,
        periods=PERIODS,
        written=_written(found),
        waits=_waits(found),
        median=_length(found.median_wait) if found.median_wait is not None else "–",
        day=_day,
    )


def _written(found: Numbers) -> Columns:
    return columns(
        [
            Value(
                lower=span.total - span.held,
                upper=span.held,
                label=_day(span.day, "short"),
                title=f"{_day(span.day)}: {span.total} ({span.held})",
            )
            for span in found.spans
        ]
    )


def _waits(found: Numbers) -> list[tuple[str, int]]:
    """Return how many decisions took how long, in words."""
    limits = [f"< {_length(limit)}" for limit in WAITS] + [f"≥ {_length(WAITS[-1])}"]
    return list(zip(limits, found.waits, strict=True))


def _length(time: timedelta) -> str:
    return format_timedelta(time, threshold=1.2, locale=asked_language().code)


def _day(day: object, form: str = "medium") -> str:
    code = asked_language().code
    pattern = ("d.M." if code == "de" else "d MMM") if form == "short" else form
    return format_date(day, pattern, locale="en_GB" if code == "en" else code)  # type: ignore[arg-type]
