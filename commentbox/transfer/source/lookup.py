"""A dictionary on disk, for what a file tells before or after it is needed."""

import json
import sqlite3
from collections.abc import Iterable
from types import TracebackType
from typing import Any


class Lookup:
    """Facts under keys, in a private file that vanishes with it: ``Lookup([("7", {…}), …])``.

    Memory does not grow with the number of keys. The first fact under a key counts.
    """

    def __init__(self, facts: Iterable[tuple[str, dict[str, Any]]] = ()) -> None:
        # SQLite itself puts a database without a name into a file once it outgrows its cache.
        self._connection = sqlite3.connect("", isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=OFF")
        self._connection.execute(
            "CREATE TABLE fact (key TEXT PRIMARY KEY, fact TEXT) WITHOUT ROWID"
        )
        try:
            for key, fact in facts:
                self[key] = fact
        except BaseException:
            self._connection.close()
            raise

    def __setitem__(self, key: str, fact: dict[str, Any]) -> None:
        self._connection.execute(
            "INSERT OR IGNORE INTO fact VALUES (?, ?)", (key, json.dumps(fact))
        )

    def get(self, key: str) -> dict[str, Any]:
        """Return what is known under a key, nothing if nothing is."""
        found = self._connection.execute("SELECT fact FROM fact WHERE key = ?", (key,)).fetchone()
        fact: dict[str, Any] = json.loads(found[0]) if found else {}
        return fact

    def __enter__(self) -> "Lookup":
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._connection.close()
