"""Whether the store has changed since something was read from it, for less than it costs to read it."""

import mmap
import os
import secrets
import sys
import threading
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from time import monotonic
from typing import Any, ClassVar, Protocol

from sqlalchemy import Engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import SingletonThreadPool, StaticPool

MAX_AGE_SECONDS = 1.0
"""How long PostgreSQL is believed to have stayed as it was, while this machine writes nothing."""

Errors = tuple[type[Exception], ...]
Rows = tuple[tuple[object, ...], ...]
Ask = Callable[[str, Sequence[object]], Rows]
"""Puts an SQL question with ``?`` for each parameter, and returns the rows."""


class Watch(Protocol):
    """Looks at one database. What is read after ``moment()`` is at least as new as that moment."""

    errors: Errors
    """What the methods raise when the database does not answer."""

    answers_at_once: bool
    """Whether a question is answered by a file of this machine, so that nobody has to wait for it."""

    def moment(self) -> Any:
        """Return a mark of now, to be taken before something is read."""

    def is_unchanged_since(self, moment: Any) -> bool:
        """Whether what was read after the moment is what would be read now."""

    def ask(self, statement: str, parameters: Sequence[object]) -> Rows:
        """Put a question to the database."""


def watch(engine: Engine, mark: "WriteMark") -> Watch | None:
    """Return what suits the database; None for one that only its own connections can see."""
    if engine.dialect.name == "postgresql":
        return PostgresqlWatch(engine, mark)
    is_file = engine.url.database not in (None, "", ":memory:") and "mode" not in engine.url.query
    is_shared = not isinstance(engine.pool, StaticPool | SingletonThreadPool)
    return SqliteWatch(engine) if is_file and is_shared else None


MAX_EYES = 256
"""Numbers of threads are given again, so there are hardly more than threads at one time. Where there
are more threads than this, they open anew what another one took off the list."""


class _Eye:
    """A connection that only looks, with the version it last saw."""

    def __init__(self, engine: Engine) -> None:
        pooled: Any = engine.raw_connection()
        self.connection: Any = pooled.driver_connection
        pooled.detach()  # it stays with its thread, and the pool has one to give in its place
        # Of a page's rows, it needs few twice, and each thread has one: 2 MiB each would be too much.
        connection: Any = self.connection
        connection.execute("PRAGMA cache_size=-500")
        self.pid = os.getpid()
        self.version: object = None
        self.seen_at = 0

    def __del__(self) -> None:
        # After a fork it is the parent's: SQLite's rule is not even to close it.
        connection = getattr(self, "connection", None)
        if connection is not None and self.pid == os.getpid():
            connection.close()


class _WalIndex:
    """The beginning of the index of SQLite's write-ahead log, which every commit changes.

    All processes that have the file open share it in memory, and a commit changes it before it is
    told to anybody. To look at it takes a fraction of a microsecond and, other than a question to
    SQLite, does not hand Python's lock to the next thread, which would cost more than the answer.
    Its shape: https://www.sqlite.org/walformat.html#the_wal_index_header
    """

    HEADER_BYTES = 48
    VERSION = 3007000

    _never_closed: ClassVar[list[object]] = []
    """To close any descriptor of a file takes all locks off it that the process holds, SQLite's too."""

    def __init__(self, engine: Engine) -> None:
        """Raises OSError, ValueError where there is none, as with another journal."""
        # As long as one connection is open, SQLite does not begin another index.
        self._eye = _Eye(engine)
        self.pid = self._eye.pid
        named = self._eye.connection.execute("PRAGMA database_list").fetchall()
        ((mode,),) = self._eye.connection.execute("PRAGMA journal_mode").fetchall()
        self._eye.connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        if mode != "wal":
            raise ValueError(f"the journal is {mode}")
        descriptor = os.open(f"{named[0][2]}-shm", os.O_RDONLY)
        self._never_closed.append(descriptor)
        self._bytes = mmap.mmap(descriptor, self.HEADER_BYTES, prot=mmap.PROT_READ)
        self._never_closed.append(self._bytes)
        if int.from_bytes(self._bytes[:4], sys.byteorder) != self.VERSION:
            raise ValueError("the index is of an unknown version")

    def header(self) -> bytes:
        """Return what every commit changes."""
        return self._bytes[: self.HEADER_BYTES]


class SqliteWatch:
    """Sees every commit of every process at once: the log's index is another, or its version is.

    To tell whether what one thread read is new enough for another, moments are numbered: a thread
    numbers the moment *after* it first saw the present state, a reader the moment *before* it reads.

    Where the index cannot be seen, ``PRAGMA data_version`` tells the same. That number is good within
    one connection, so each thread keeps one that never writes.
    """

    answers_at_once = True

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._moments = count(1)
        self._eyes: dict[int, _Eye] = {}
        self._opening = threading.Lock()
        self._index: _WalIndex | None = None
        self._has_no_index = os.name != "posix"
        self._seen: tuple[bytes, int] = (b"", 0)
        self.errors: Errors = (engine.dialect.loaded_dbapi.Error, SQLAlchemyError)
        event.listen(engine, "engine_disposed", self._forget)

    def moment(self) -> int:
        """Return the number of this moment."""
        return next(self._moments)

    def is_unchanged_since(self, moment: int) -> bool:
        """Whether nobody has committed anything since."""
        if (index := self._wal_index()) is None:
            return self._is_same_version_since(moment)
        header = index.header()
        seen, seen_at = self._seen
        if header != seen:
            seen_at = next(self._moments)
            self._seen = header, seen_at
        return moment > seen_at

    def _is_same_version_since(self, moment: int) -> bool:
        eye = self._eye()
        # All rows are fetched: a question left half answered would keep a snapshot open.
        ((version,),) = eye.connection.execute("PRAGMA data_version").fetchall()
        if version != eye.version:
            eye.version = version
            eye.seen_at = next(self._moments)
        return moment > eye.seen_at

    def ask(self, statement: str, parameters: Sequence[object]) -> Rows:
        """Put a question to the file."""
        # Held until it has answered: another thread may take it off the list meanwhile.
        eye = self._eye()
        return tuple(eye.connection.execute(statement, parameters).fetchall())

    def _wal_index(self) -> _WalIndex | None:
        index = self._index
        if index is not None and index.pid == os.getpid():
            return index
        if self._has_no_index:
            return None
        with self._opening:
            if self._index is None or self._index.pid != os.getpid():
                try:
                    self._index = _WalIndex(self._engine)
                except (OSError, ValueError):
                    self._has_no_index = True
                self._seen = b"", 0
            return self._index

    def _eye(self) -> _Eye:
        # Not in a threading.local: what that holds is let go while its thread is taken down, and in
        # threads that are not Python's own, as granian's, no Python code may run by then.
        thread = threading.get_ident()
        eye = self._eyes.get(thread)
        if eye is None or eye.pid != os.getpid():
            eye = _Eye(self._engine)
            with self._opening:
                if len(self._eyes) >= MAX_EYES:
                    del self._eyes[next(iter(self._eyes))]
                self._eyes[thread] = eye
        return eye

    def _forget(self, _engine: Engine) -> None:
        self._eyes = {}
        self._index = None


class PostgresqlWatch:
    """Believes what it read for a second, and not even that once this machine has written."""

    errors: Errors = (SQLAlchemyError,)
    answers_at_once = False

    def __init__(self, engine: Engine, mark: "WriteMark") -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._mark = mark

    def moment(self) -> tuple[float, bytes]:
        """Return the time and the mark of the last write."""
        return monotonic(), self._mark.value()

    def is_unchanged_since(self, moment: tuple[float, bytes]) -> bool:
        """Whether the moment is less than a second ago and nobody here has written since."""
        at, mark = moment
        return monotonic() - at < MAX_AGE_SECONDS and mark == self._mark.value()

    def ask(self, statement: str, parameters: Sequence[object]) -> Rows:
        """Put a question to the server."""
        with self._engine.connect() as connection:
            found = connection.exec_driver_sql(statement.replace("?", "%s"), tuple(parameters))
            return tuple(tuple(row) for row in found)


class WriteMark:
    """Some bytes that change with every write of any process of this machine.

    They live in a file of the data folder that the processes share. Where there is none to be
    had, a process sees its own writes only.
    """

    SIZE_BYTES = 8

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._opening = threading.Lock()
        self._bytes: mmap.mmap | bytearray | None = None

    def value(self) -> bytes:
        """Return the mark as it is."""
        return bytes(self._shared()[: self.SIZE_BYTES])

    def move(self) -> None:
        """Change it: to be called when a transaction is on disk, before that is told to anybody."""
        # By chance, not by counting: so two who write at once need no lock to get it changed.
        self._shared()[: self.SIZE_BYTES] = secrets.token_bytes(self.SIZE_BYTES)

    def _shared(self) -> "mmap.mmap | bytearray":
        if self._bytes is None:
            with self._opening:
                if self._bytes is None:
                    self._bytes = self._mapped() or bytearray(self.SIZE_BYTES)
        return self._bytes

    def _mapped(self) -> "mmap.mmap | None":
        if self._path is None:
            return None
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                os.ftruncate(descriptor, self.SIZE_BYTES)
                return mmap.mmap(descriptor, self.SIZE_BYTES)
            finally:
                os.close(descriptor)
        except OSError:
            return None
