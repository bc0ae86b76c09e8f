"""The smallest ground to stand on: an app that has a database and nothing else."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from types import SimpleNamespace

from flask import Flask
from sqlalchemy import Engine, event

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


@contextmanager
def heard(engine: Engine) -> Iterator[list[str]]:
    """Give the statements that the engine executes while the block runs.

    Nobody listens afterwards: tests share an engine, and who listens changes the way that some
    statements go (statements.py).
    """
    executed: list[str] = []

    def hear(_c: object, _u: object, statement: str, *_: object) -> None:
        executed.append(statement)

    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield executed
    finally:
        event.remove(engine, "before_cursor_execute", hear)


def eventually(is_so: Callable[[], bool], seconds: float = DEADLINE_SECONDS) -> bool:
    """Whether something becomes so before the deadline."""
    pause, end = threading.Event(), monotonic() + seconds
    while not is_so():
        if monotonic() > end:
            return False
        pause.wait(0.005)
    return True
