"""SQLite files of other engines, opened for reading only and trusted in nothing."""

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from commentbox.transfer.source.file import SourceFile

MAX_VALUE_BYTES = 16 * 1024 * 1024
"""A comment is no longer; one that is ends the reading instead of filling memory."""

REMEDY = (
    "Copy the file while its engine is stopped, or export it with .backup, and import the copy."
)


@contextmanager
def opened(file: SourceFile) -> Iterator[sqlite3.Connection]:
    """Open a database. Raises Unreadable, also for what goes wrong inside the block."""
    try:
        with file.unpacked() as path, closing(_connected(path)) as connection:
            connection.row_factory = sqlite3.Row
            connection.text_factory = lambda data: data.decode("utf-8", "replace")
            for pragma in ("trusted_schema=OFF", "query_only=ON", "cell_size_check=ON"):
                connection.execute(f"PRAGMA {pragma}")
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)
            connection.set_authorizer(_Reads(frozenset(_tables(connection))).allows)
            yield connection
    except sqlite3.Error as error:
        raise file.unreadable(
            "", "it cannot be read as a SQLite database (%(error)s)", REMEDY, error=str(error)
        ) from error


def _connected(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True)


def tables(file: SourceFile) -> frozenset[str]:
    """Return the names of a database's tables; a view could be anything and is none."""
    with opened(file) as connection:
        return frozenset(_tables(connection))


def _tables(connection: sqlite3.Connection) -> Iterator[str]:
    # Virtual tables, which run code of their own, have no page.
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0"
    yield from (name for (name,) in connection.execute(query))


class _Reads:
    """What a query may do to a file that somebody else made: read its tables.

    Views, functions and recursion, also those in generated columns, could go on for ever.
    """

    def __init__(self, tables: frozenset[str]) -> None:
        self._tables = tables | {"sqlite_master"}

    def allows(
        self, deed: int, one: str | None, _two: str | None, _db: str | None, within: str | None
    ) -> int:
        """Tell SQLite whether a step of a statement is allowed; ``within`` names a view."""
        is_select = deed == sqlite3.SQLITE_SELECT and within is None
        is_read = deed == sqlite3.SQLITE_READ and within is None and one in self._tables
        is_question = deed == sqlite3.SQLITE_PRAGMA and one == "table_info"
        is_allowed = is_select or is_read or is_question
        return sqlite3.SQLITE_OK if is_allowed else sqlite3.SQLITE_DENY


def rows(file: SourceFile, query: str, known: Collection[str] = ()) -> Iterator[sqlite3.Row]:
    """Yield the rows of a query, one at a time. Raises Unreadable."""
    with opened(file) as connection:
        yield from connection.execute(query, tuple(known))


def columns(file: SourceFile, table: str) -> frozenset[str]:
    """Return the names of a table's columns: engines add some with every release."""
    with opened(file) as connection:
        return frozenset(row["name"] for row in connection.execute(f"PRAGMA table_info({table})"))
