"""Whether the process lives, and whether it can do its work."""

from flask import Response, jsonify
from sqlalchemy.exc import SQLAlchemyError

from commentbox import clock, schema
from commentbox.db import session
from commentbox.errors import SetupError, Unavailable
from commentbox.reading.deliveries import view_figures
from commentbox.web.engine import current_engine
from commentbox.web.metrics import age_seconds


def alive() -> Response:
    """``GET /healthz``: the process answers"""
    return jsonify(status="ok")


def ready() -> Response:
    """``GET /readyz``: the database answers and its schema is the one this release needs

    What the outbox has to deliver is told beside it: late deliveries make no service unfit.
    """
    now = clock.now()
    try:
        schema.require_newest(current_engine().database.engine)
        figures = view_figures(session(), now)
    except (SQLAlchemyError, SetupError) as error:
        raise Unavailable from error
    outbox = {
        "pending": figures.deliveries["pending"] + figures.mails["pending"] + figures.new_events,
        "failed": figures.deliveries["failed"] + figures.mails["failed"],
        "oldest_due_seconds": round(age_seconds(figures, now)),
    }
    return jsonify(status="ready", outbox=outbox)
