"""Rings when there may be work: at once for what this process or, as far as it tells, the database does."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

SQLITE_LOOK_SECONDS = 0.1
"""How often the number is read that SQLite raises with every change: 4 µs, no lock."""

POSTGRESQL_LOOK_SECONDS = 0.3
"""After how long the listener looks whether it should end."""

CHANNEL = "commentbox_outbox"


class Bell:
    """Somebody rings it, or the time is up. Waiting costs next to nothing."""

    def __init__(self) -> None:
        self._rung = threading.Event()

    def ring(self) -> None:
        """Wake who waits, or who will wait next."""
        self._rung.set()

    def wait(self, seconds: float) -> None:
        """Wait until it rings or the time is up."""
        self._rung.wait(seconds)
        self._rung.clear()


@contextmanager
def hearing(engine: Engine, bell: Bell) -> Iterator[None]:
    """Let the bell also ring when another process writes to the database, while the block runs."""
    is_over = threading.Event()
    watch = _watch_sqlite if engine.dialect.name == "sqlite" else _listen
    watcher = threading.Thread(target=watch, args=(engine, bell, is_over), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        is_over.set()
        watcher.join()


def _watch_sqlite(engine: Engine, bell: Bell, is_over: threading.Event) -> None:
    faults = (engine.dialect.loaded_dbapi.Error, SQLAlchemyError)
    while not is_over.is_set():
        try:
            _look_at_version(engine, bell, is_over)
        except faults:
            # The file is away or broken: the worker finds that out itself, and looks by the clock.
            is_over.wait(SQLITE_LOOK_SECONDS)


def _look_at_version(engine: Engine, bell: Bell, is_over: threading.Event) -> None:
    connection = engine.raw_connection()
    try:
        cursor, seen = connection.cursor(), None
        while not is_over.wait(SQLITE_LOOK_SECONDS):
            (version,) = cursor.execute("PRAGMA data_version").fetchone()
            if version != seen:
                seen = version
                bell.ring()
    finally:
        connection.close()


def _listen(engine: Engine, bell: Bell, is_over: threading.Event) -> None:
    """Hear what PostgreSQL says when a transaction with an event or a mail is committed."""
    while not is_over.is_set():
        try:
            with engine.connect() as connection:
                listening = connection.execution_options(isolation_level="AUTOCOMMIT")
                listening.exec_driver_sql(f"LISTEN {CHANNEL}")
                driver: Any = listening.connection.driver_connection
                listening.detach()  # no connection of the pool goes on listening afterwards
                bell.ring()  # something may have come before we listened
                while not is_over.is_set():
                    _hear(driver, bell)
        except (SQLAlchemyError, OSError, _driver_error()):
            # The database is away: the worker finds that out itself, and looks by the clock.
            is_over.wait(POSTGRESQL_LOOK_SECONDS)


def _hear(driver: Any, bell: Bell) -> None:
    end = monotonic() + POSTGRESQL_LOOK_SECONDS
    for _notice in driver.notifies(timeout=POSTGRESQL_LOOK_SECONDS, stop_after=1):
        bell.ring()
        if monotonic() > end:
            return


def _driver_error() -> type[Exception]:
    import psycopg

    return psycopg.Error
