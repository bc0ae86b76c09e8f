"""The smallest ground to stand on: an app that has a database and nothing else."""

import threading
from collections.abc import Callable
from time import monotonic
from types import SimpleNamespace

from flask import Flask
from sqlalchemy import Engine

from commentbox.db import Database, close_sessions

DEADLINE_SECONDS = 120


def bare_app(engine: Engine) -> Flask:
    """Return an app without any address: verbs and questions need none, and it is made at once."""
    app = Flask("ground")
    app.extensions["commentbox"] = SimpleNamespace(database=Database(lambda: engine, _no_check))
    app.teardown_appcontext(close_sessions)
    return app


def _no_check(_engine: Engine) -> None:
    """Find every database fit: the tests' own have the newest schema."""


def eventually(is_so: Callable[[], bool], seconds: float = DEADLINE_SECONDS) -> bool:
    """Whether something becomes so before the deadline."""
    pause, end = threading.Event(), monotonic() + seconds
    while not is_so():
        if monotonic() > end:
            return False
        pause.wait(0.005)
    return True
