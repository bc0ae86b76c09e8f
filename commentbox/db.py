"""Engine, session and transaction; the only bridge to Flask's application context."""

import logging
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from importlib import import_module
from types import ModuleType
from typing import Any

from flask import Flask, current_app, g
from sqlalchemy import (
    BigInteger,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    TypeDecorator,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry

from commentbox.errors import SetupError
from commentbox.freshness import SqliteWatch, Watch, WriteMark, watch
from commentbox.write_queue import PATIENCE_SECONDS, WriteQueue

BUSY_TIMEOUT_SECONDS = PATIENCE_SECONDS
ATOMIC = "commentbox.atomic"
WATCH = "commentbox.watch"
"""In a session's ``info``: the watch whose connection answers questions (questions.py)."""

LOG = logging.getLogger(__name__)


class Base(DeclarativeBase):
    """Parent of all rows. Plain, so that a host app's own SQLAlchemy is not in the way."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


RowId = BigInteger().with_variant(Integer, "sqlite")
"""A 64-bit number; SQLite numbers rows by itself only in a plain INTEGER."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware and in UTC on both sides, also on SQLite, which knows no zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware moment to UTC; SQLite gets it without the zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Turn the moment to UTC again."""
        return None if value is None else moment(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """Read SQLite's texts at once: by way of a moment without a zone it takes six times as long."""
        if dialect.name == "sqlite":
            return lambda stored: None if stored is None else moment(stored)
        return super().result_processor(dialect, coltype)


def moment(stored: str | datetime) -> datetime:
    """Return a moment as the driver gives it, aware and in UTC.

    SQLite keeps texts such as ``2026-03-01 12:00:00.000000``.
    """
    if isinstance(stored, str):
        return datetime.fromisoformat(f"{stored}+00:00")
    return stored.replace(tzinfo=UTC) if stored.tzinfo is None else stored.astimezone(UTC)


class Database:
    """An engine with the sessions made on it and the queue of those who write to it.

    The engine is asked for on first use: a host app may set up its own database after us.
    ``check`` raises SetupError when the database is not fit for work; it is asked until it is.
    """

    def __init__(
        self,
        find_engine: Callable[[], Engine],
        check: Callable[[Engine], None],
        mark: WriteMark | None = None,
    ) -> None:
        self._find_engine, self._check = find_engine, check
        self._mark = mark or WriteMark()
        self._engine: Engine | None = None
        self._found_watch: Watch | None = None
        self._has_looked = False
        self._is_checked = False
        self._finding = threading.Lock()
        self._queue = WriteQueue()
        self._file: FileIdentity | None = None

    @property
    def engine(self) -> Engine:
        """The engine of a database that is fit for work. Raises SetupError."""
        engine = self.unchecked_engine
        if not self._is_checked:
            self._check(engine)
            self._is_checked = True
        return engine

    @property
    def unchecked_engine(self) -> Engine:
        """The engine, found once, whatever its schema."""
        with self._finding:
            if self._engine is None:
                self._engine = self._find_engine()
                event.listen(self._engine, "engine_disposed", self._forget_file)
        return self._engine

    def _forget_file(self, _engine: Engine) -> None:
        self._file = None

    def _require_same_file(self, engine: Engine) -> None:
        """Raise SetupError where SQLite's file was moved away or replaced.

        What is open would go on to write to the old one, and be lost with it. To open the new one
        beside it would be worse: both would have one write-ahead log.
        """
        now = _file_of(engine)
        if self._file is None:
            self._file = now
        elif now != self._file:
            raise SetupError(
                "The database's file was moved or replaced while it was open: restart commentbox."
            )

    def watch(self) -> Watch | None:
        """Return what tells whether something has been written; None where it cannot be told."""
        if not self._has_looked:
            engine = self.engine
            with self._finding:
                if not self._has_looked:
                    self._found_watch = watch(engine, self._mark)
                    self._has_looked = True
        return self._found_watch

    def session(self) -> Session:
        """Return the session of the current application context, made on first use."""
        sessions: dict[Database, Session] = g.setdefault("commentbox_sessions", {})
        if self not in sessions:
            seen = self.watch()
            info = {WATCH: seen} if isinstance(seen, SqliteWatch) else {}
            sessions[self] = Session(self.engine, expire_on_commit=False, info=info)
        return sessions[self]

    @contextmanager
    def atomic(self, patience_seconds: float = PATIENCE_SECONDS) -> Iterator[Session]:
        """Run the block as one transaction; see :func:`atomic`."""
        is_sqlite = self.engine.dialect.name == "sqlite"
        session = self.session()
        if session.info.get(ATOMIC):
            raise RuntimeError("a deed is one transaction: atomic() does not nest")
        if is_sqlite:
            self._require_same_file(self.engine)
        # What was read before may be out of date. And who waits in the queue must hold no
        # connection: the pool could run out of them for the one whose turn it is.
        session.rollback()
        session.expire_all()
        with ExitStack() as stack:
            left = stack.enter_context(self._queue.turn(patience_seconds)) if is_sqlite else 0.0
            session.info[ATOMIC] = True
            try:
                if is_sqlite:
                    # A transaction that reads first and writes later would fail at once
                    # when another writer came in between.
                    begin_immediate(session.connection(), left)
                    self._queue.let_in()
                yield session
                session.commit()
                if not is_sqlite:
                    self._mark.move()
            except BaseException:
                session.rollback()
                raise
            finally:
                session.info[ATOMIC] = False


@contextmanager
def snapshot() -> Iterator[Connection]:
    """Open a connection that sees the store as it is now, whatever is written meanwhile.

    It has a transaction of its own, keeps nobody waiting and is for reading only.
    """
    engine = current_database().engine
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN")  # the driver itself begins at a write only
        else:
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        try:
            yield connection
        finally:
            connection.rollback()


def begin_immediate(connection: Connection, patience_seconds: float = PATIENCE_SECONDS) -> None:
    """Begin a SQLite transaction that writes, unless the app's own engine has begun one already."""
    driver = connection.connection.driver_connection
    if getattr(driver, "in_transaction", False):
        return
    if patience_seconds > BUSY_TIMEOUT_SECONDS - 1:  # hardly waited: as every connection does
        execute_on_sqlite(connection, "BEGIN IMMEDIATE")
        return
    _wait_at_most(connection, patience_seconds)
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        _wait_at_most(connection, BUSY_TIMEOUT_SECONDS)


def execute_on_sqlite(connection: Connection, statement: str, parameters: Any = ()) -> Any:
    """Hand a statement to SQLite's own driver, and return the rows. Raises SQLAlchemy's DBAPIError."""
    driver: Any = connection.connection.driver_connection
    errors = connection.dialect.loaded_dbapi.Error
    try:
        return driver.execute(statement, parameters).fetchall()
    except errors as error:
        raise DBAPIError.instance(
            statement, parameters, error, errors, hide_parameters=True
        ) from error


def _wait_at_most(connection: Connection, seconds: float) -> None:
    connection.exec_driver_sql(f"PRAGMA busy_timeout={int(seconds * 1000)}")


def session() -> Session:
    """Return the session of the current application context, for questions."""
    return current_database().session()


@contextmanager
def atomic(patience_seconds: float = PATIENCE_SECONDS) -> Iterator[Session]:
    """Run the block as one transaction, committed to disk when the block ends, else undone.

    The one place that commits. Blocks do not nest: a deed is one transaction. Raises Unavailable,
    or SQLAlchemy's OperationalError, when others write for longer than the patience lasts.
    """
    with current_database().atomic(patience_seconds) as current:
        yield current


def current_database() -> Database:
    """Return the database of the current app."""
    database: Database = current_app.extensions["commentbox"].database
    return database


def close_sessions(_error: BaseException | None = None) -> None:
    """Give the connections of an application context back when it ends."""
    for opened in g.pop("commentbox_sessions", {}).values():
        try:
            opened.close()
        except SQLAlchemyError as error:
            # The answer is made, and what it acknowledged is on disk: a connection that died
            # after that must not take it back.
            LOG.warning("A connection to the database was lost: %s", type(error).__name__)
            opened.invalidate()


FileIdentity = tuple[int, int]


def _file_of(engine: Engine) -> FileIdentity | None:
    """Return what tells a SQLite file from another one in its place; None where there is none."""
    if engine.dialect.name != "sqlite" or not (path := engine.url.database):
        return None
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def host_engine(app: Flask) -> Engine | None:
    """Return the engine of the app's own Flask-SQLAlchemy, if it has one."""
    if (flask_sqlalchemy := app.extensions.get("sqlalchemy")) is None:
        return None
    with app.app_context():
        engine: Engine = flask_sqlalchemy.engine
    return engine


def own_engine(url: str) -> Engine:
    """Make an engine of our own for an address such as ``sqlite:////data/commentbox.sqlite3``."""
    engine = create_engine(url, **engine_options(url))
    if engine.dialect.name == "sqlite":
        make_durable(engine)
    return engine


QUIET = {"hide_parameters": True}
"""What readers typed stays out of logs and tracebacks."""


OVERFLOW = 15
"""Connections of PostgreSQL beside the pool's five. Whoever answers a request may need a second one
to see whether an answer is old: with fewer than the server's threads and a few, all could hold
one and wait for another."""


PATIENCE_WITH_SERVER = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,  # milliseconds
}
"""Of PostgreSQL's client, where the address says nothing else: after 25 seconds a server whose machine is gone
is given up. The system itself waits for two hours, and all who answer requests would wait with it."""


def engine_options(url: str) -> Mapping[str, Any]:
    """Return the arguments of ``create_engine`` that suit the address."""
    if url.startswith("sqlite"):
        driver = {"module": _sqlite_module(), "connect_args": {"timeout": BUSY_TIMEOUT_SECONDS}}
        return {**driver, **QUIET}
    asked = make_url(url).query
    patience = {name: value for name, value in PATIENCE_WITH_SERVER.items() if name not in asked}
    pool = {"pool_pre_ping": True, "pool_recycle": 1800, "max_overflow": OVERFLOW}
    return {**pool, "connect_args": patience, **QUIET}


def make_durable(engine: Engine) -> None:
    """Let every SQLite connection of the engine keep what it acknowledged, also in a power cut."""
    event.listen(engine, "connect", _set_pragmas)


TURNS_MAX = 20

PRAGMAS = (
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=ON",  # what somebody erased is gone from the file, too
)


def _set_pragmas(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    _write_ahead(cursor, connection.OperationalError)
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _write_ahead(cursor: DBAPICursor, locked: type[Exception]) -> None:
    """Turn to the write-ahead log, in which the file then stays.

    Where processes begin at once, SQLite waits for the others before it writes, but not before
    it turns: so wait as a writer, then turn.
    """
    for _ in range(TURNS_MAX):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except locked:
            cursor.execute("BEGIN IMMEDIATE")
            cursor.execute("ROLLBACK")
    cursor.execute("PRAGMA journal_mode=WAL")


def _sqlite_module() -> ModuleType:
    """Return a driver whose SQLite is newer than most systems' where there is a wheel of it."""
    try:
        return import_module("pysqlite3.dbapi2")
    except ImportError:
        return import_module("sqlite3")
