"""SQLite files of other engines, opened for reading only and trusted in nothing."""

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from urllib.parse import quote

from commentbox.transfer.source.file import SourceFile

REMEDY = (
    "Copy the file while its engine is stopped, or export it with .backup, and import the copy."
)


@contextmanager
def opened(file: SourceFile) -> Iterator[sqlite3.Connection]:
    """Open a database. Raises Unreadable, also for what goes wrong inside the block."""
    try:
        uri = f"file:{quote(str(file.path.resolve()))}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            connection.text_factory = lambda data: data.decode("utf-8", "replace")
            for pragma in ("trusted_schema=OFF", "query_only=ON", "cell_size_check=ON"):
                connection.execute(f"PRAGMA {pragma}")
            yield connection
    except sqlite3.Error as error:
        problem = f"it cannot be read as a SQLite database ({error})"
        raise file.unreadable("", problem, REMEDY) from error


def tables(file: SourceFile) -> frozenset[str]:
    """Return the names of a database's tables; a view could be anything and is none."""
    with opened(file) as connection:
        return frozenset(
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        )


def rows(file: SourceFile, query: str, known: Collection[str] = ()) -> Iterator[sqlite3.Row]:
    """Yield the rows of a query, one at a time. Raises Unreadable."""
    with opened(file) as connection:
        yield from connection.execute(query, tuple(known))


def columns(file: SourceFile, table: str) -> frozenset[str]:
    """Return the names of a table's columns: engines add some with every release."""
    with opened(file) as connection:
        return frozenset(row["name"] for row in connection.execute(f"PRAGMA table_info({table})"))
