"""Staging: all that a file says, sorted on disk before anything is written to the database.

Parents may come after their replies, be missing or go in circles; here everything is in reach
while memory stays as it was. The order that comes out is that of time, parents first.
"""

import pickle
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from commentbox.transfer.record import OfSite, OfSiteKind, Page, Record

_NO_PAGE = Page()

ANCHOR_MAX_DIGITS = 9
"""Larger numbers are no count of comments: a file must not use up the numbers of all the others."""

_TABLES = """
CREATE TABLE page (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, page BLOB NOT NULL, thread INTEGER,
    is_wanted INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE alias (key TEXT PRIMARY KEY, page INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE record (
    id INTEGER PRIMARY KEY, foreign_id TEXT NOT NULL UNIQUE, parent TEXT NOT NULL,
    page INTEGER NOT NULL, at REAL NOT NULL, state TEXT NOT NULL, is_tombstone INTEGER NOT NULL,
    anchor TEXT NOT NULL, origin TEXT, place TEXT NOT NULL, data BLOB NOT NULL,
    orphaned TEXT, above INTEGER, top INTEGER, depth INTEGER, turn REAL,
    number INTEGER, root INTEGER, stored_depth INTEGER
);
CREATE TABLE of_site (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, value TEXT, columns BLOB NOT NULL
);
CREATE INDEX of_site_value ON of_site (value) WHERE value IS NOT NULL;
CREATE TABLE batch (old INTEGER PRIMARY KEY, new INTEGER NOT NULL);
CREATE TABLE same_author (number INTEGER PRIMARY KEY, first TEXT NOT NULL);
"""

_LINK = """
UPDATE record SET above = parent.id
FROM record AS parent
WHERE record.parent = parent.foreign_id AND record.parent <> '' AND record.page = parent.page
"""

_PLACE_FROM = """
WITH RECURSIVE placed(id, top, depth, turn) AS (
    SELECT id, id, 0, at FROM record WHERE {start}
    UNION ALL
    SELECT reply.id, placed.top, placed.depth + 1, max(reply.at, placed.turn)
    FROM placed JOIN record AS reply ON reply.above = placed.id
)
UPDATE record SET top = placed.top, depth = placed.depth, turn = placed.turn
FROM placed WHERE placed.id = record.id
"""

_LONE_TOMBSTONE = """
id NOT IN (
    WITH RECURSIVE needed(id) AS (
        SELECT id FROM record WHERE NOT is_tombstone OR number IS NOT NULL
        UNION
        SELECT record.above FROM needed JOIN record ON record.id = needed.id
        WHERE record.above IS NOT NULL
    )
    SELECT id FROM needed
)
"""


@dataclass(frozen=True)
class Staged:
    """A record on its way, with what is known of its parent so far."""

    id: int
    record: Record
    page: int
    parent: int | None  # id of the staged parent
    number: int | None  # of the comment in the database, once it is there
    above: "Stored | None"  # the parent in the database
    awaited: str | None = None  # id of the parent that is nowhere yet


class Asked(NamedTuple):
    """A staged record as far as it is known again by."""

    id: int  # in the staging
    foreign_id: str
    at: float  # seconds since 1970
    origin: str | None  # source and foreign id, with a line break between them


@dataclass(frozen=True)
class Stored:
    """A comment as the database knows it."""

    number: int
    root: int
    depth: int
    at: float = 0.0  # when it was written, in seconds since 1970


class Staging:
    """A private file of records that vanishes when it is closed."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._sql = connection
        self._sql.executescript(_TABLES)

    def add_page(self, key: str, page: Page, aliases: tuple[str, ...]) -> int:
        """Keep a page and return its number; of two with one key the first is kept."""
        self._sql.execute(
            "INSERT OR IGNORE INTO page (key, page) VALUES (?, ?)", (key, pickle.dumps(page))
        )
        (number,) = self._sql.execute("SELECT id FROM page WHERE key = ?", (key,)).fetchone()
        self._sql.executemany(
            "INSERT OR IGNORE INTO alias VALUES (?, ?)", [(alias, number) for alias in aliases]
        )
        return int(number)

    def add(self, record: Record, page: int, at: datetime) -> bool:
        """Keep a record unless there is one with its id; return whether it was kept."""
        is_tombstone = record.state == "removed" and not record.text
        origin = "\n".join(record.origin) if record.origin else None
        # Nobody else can write to this file, so what is unpickled is what was pickled here.
        added = self._sql.execute(
            "INSERT OR IGNORE INTO record "
            "(foreign_id, parent, page, at, state, is_tombstone, anchor, origin, place, data) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (record.id, record.parent, page, at.timestamp(), record.state, is_tombstone,
             record.anchor, origin, record.place, pickle.dumps(replace(record, page=_NO_PAGE))),
        )  # fmt: skip
        return added.rowcount == 1

    def new_ids(self, limit: int) -> Iterator[list[str]]:
        """Yield batches of the ids that the engine gave to new records."""
        found = self._sql.execute("SELECT foreign_id FROM record WHERE number IS NULL")
        while batch := found.fetchmany(limit):
            yield [foreign_id for (foreign_id,) in batch]

    def is_moved(self, old_root: int, root: int, deeper: int) -> None:
        """Note that a conversation in the database became a part of another one."""
        self._sql.execute(
            "UPDATE record SET root = ?, stored_depth = stored_depth + ? WHERE root = ?",
            (root, deeper, old_root),
        )

    def foreign_ids(self, limit: int) -> Iterator[list[Asked]]:
        """Yield batches of staged ids with the ids that the engine gave, times and origins."""
        last = 0
        while batch := self._sql.execute(
            "SELECT id, foreign_id, at, origin FROM record WHERE id > ? ORDER BY id LIMIT ?",
            (last, limit),
        ).fetchall():
            last = batch[-1][0]
            yield [Asked(*row) for row in batch]

    def largest_anchor(self) -> int:
        """Return the largest N of the anchors ``comment-N``, which are like our own; 0 for none."""
        (largest,) = self._sql.execute(
            "SELECT max(CAST(substr(anchor, 9) AS INTEGER)) FROM record "
            "WHERE anchor GLOB 'comment-[0-9]*' AND length(anchor) <= ?",
            (len("comment-") + ANCHOR_MAX_DIGITS,),
        ).fetchone()
        return int(largest or 0)

    def missing_parents(self, limit: int) -> Iterator[list[tuple[int, str]]]:
        """Yield batches of records whose parent is not in the file, with the parent's id."""
        last = 0
        while batch := self._sql.execute(
            "SELECT id, parent FROM record WHERE parent <> '' AND above IS NULL AND id > ? "
            "ORDER BY id LIMIT ?",
            (last, limit),
        ).fetchall():
            last = batch[-1][0]
            yield batch

    def is_known(self, id: int, stored: Stored) -> None:
        """Note that the database has a record already."""
        self._sql.execute(
            "UPDATE record SET number = ?, root = ?, stored_depth = ? WHERE id = ?",
            (stored.number, stored.root, stored.depth, id),
        )

    def adopt(self, id: int, parent: str, stored: Stored) -> None:
        """Note that a record's parent is in the database only."""
        self._sql.execute(
            "INSERT OR IGNORE INTO record (foreign_id, parent, page, at, state, is_tombstone, "
            "anchor, place, data, number, root, stored_depth) "
            "SELECT ?, '', page, 0, '', 0, '', '', x'', ?, ?, ? FROM record WHERE id = ?",
            (parent, stored.number, stored.root, stored.depth, id),
        )
        self._sql.execute(
            "UPDATE record SET above = (SELECT id FROM record WHERE foreign_id = ?) WHERE id = ?",
            (parent, id),
        )

    def orphan_of(self, id: int, parent: str) -> None:
        """Note that a record lost its parent: it is on another page, or nowhere."""
        is_there = self._sql.execute("SELECT 1 FROM record WHERE foreign_id = ?", (parent,))
        self.orphan(id, "other_page" if is_there.fetchone() else "missing")

    def orphan(self, id: int, why: str) -> None:
        """Note that a record opens a conversation although it is a reply."""
        self._sql.execute("UPDATE record SET orphaned = ?, above = NULL WHERE id = ?", (why, id))

    def link(self) -> None:
        """Find each record's parent among the others of its page."""
        self._sql.execute(_LINK)
        self._sql.execute("CREATE INDEX record_above ON record (above)")

    def place(self) -> None:
        """Give every record its conversation, depth and turn; cycles are opened at their oldest."""
        self._sql.execute(_PLACE_FROM.format(start="above IS NULL"))
        while (row := self._sql.execute(
            "SELECT id FROM record WHERE turn IS NULL ORDER BY id LIMIT 1"
        ).fetchone()) is not None:  # fmt: skip
            oldest = self._oldest_of_cycle(row[0])
            self.orphan(oldest, "cycle")
            self._sql.execute(_PLACE_FROM.format(start=f"id = {oldest:d}"))

    def leave_out(self, condition: str) -> Iterator[tuple[str, str]]:
        """Take records out, and yield the id and place of each."""
        yield from self._sql.execute(f"SELECT foreign_id, place FROM record WHERE {condition}")
        self._sql.execute(f"DELETE FROM record WHERE {condition}")

    def leave_out_lone_tombstones(self) -> Iterator[tuple[str, str]]:
        """Take out what was deleted and has no living reply anywhere below it."""
        yield from self.leave_out(_LONE_TOMBSTONE)

    def leave_out_waiting(self) -> Iterator[tuple[str, str]]:
        """Take out the conversations whose beginning was not read; yield each record of them."""
        waiting = "number IS NULL AND top IN (SELECT id FROM record WHERE orphaned = 'missing')"
        yield from self.leave_out(waiting)

    def orphans(self) -> Iterator[tuple[str, str, str]]:
        """Yield id, place and reason of new records that lost their parent."""
        yield from self._sql.execute(
            "SELECT foreign_id, place, orphaned FROM record "
            "WHERE orphaned IS NOT NULL AND number IS NULL ORDER BY id"
        )

    def in_turn(self, limit: int) -> Iterator[list[Staged]]:
        """Yield the records that are new in batches, parents before replies, the oldest first."""
        self._sql.execute(
            "CREATE TABLE turn AS SELECT id FROM record WHERE number IS NULL "
            "ORDER BY turn, depth, id"
        )
        last = 0
        while batch := self._sql.execute(
            "SELECT turn.rowid, record.id, record.data, record.page, record.above, record.number,"
            " iif(record.orphaned = 'missing', record.parent, NULL),"
            " parent.number, parent.root, parent.stored_depth "
            "FROM turn JOIN record ON record.id = turn.id "
            "LEFT JOIN record AS parent ON parent.id = record.above "
            "WHERE turn.rowid > ? ORDER BY turn.rowid LIMIT ?",
            (last, limit),
        ).fetchall():
            last = batch[-1][0]
            yield [
                Staged(id, pickle.loads(data), page, above, number,
                       Stored(*parent) if parent[0] is not None else None, awaited)
                for _, id, data, page, above, number, awaited, *parent in batch
            ]  # fmt: skip

    def states(self) -> Iterator[tuple[str, int]]:
        """Yield how many of the new records have each state."""
        yield from self._sql.execute(
            "SELECT state, count(*) FROM record WHERE number IS NULL GROUP BY state"
        )

    def pages_of_new(self) -> Iterator[str]:
        """Yield the keys of the pages that new records stand below."""
        yield from (key for (key,) in self._sql.execute(
            "SELECT key FROM page WHERE is_wanted "
                "OR id IN (SELECT page FROM record WHERE number IS NULL)"))  # fmt: skip

    def busiest_pages(self, limit: int) -> list[tuple[str, int]]:
        """Return the keys of the pages with the most new records, and how many."""
        found = self._sql.execute(
            "SELECT page.key, count(*) AS number FROM record JOIN page ON page.id = record.page "
            "WHERE record.number IS NULL GROUP BY page.id ORDER BY number DESC, page.id LIMIT ?",
            (limit,),
        )
        return [(key, number) for key, number in found]

    def remove(self, id: int) -> None:
        """Take one record out."""
        self._sql.execute("DELETE FROM record WHERE id = ?", (id,))

    def count_new(self) -> int:
        """Count the records that are to be written."""
        return int(self._sql.execute(
            "SELECT count(*) FROM record WHERE number IS NULL").fetchone()[0])  # fmt: skip

    def count_known(self) -> int:
        """Count the records that the database has already."""
        return int(self._sql.execute(
            "SELECT count(*) FROM record WHERE number IS NOT NULL").fetchone()[0])  # fmt: skip

    def page(self, number: int) -> tuple[str, Page, int | None, tuple[str, ...]]:
        """Return key, page, thread (once there is one) and aliases of a page."""
        key, page, thread = self._sql.execute(
            "SELECT key, page, thread FROM page WHERE id = ?", (number,)
        ).fetchone()
        aliases = self._sql.execute("SELECT key FROM alias WHERE page = ?", (number,)).fetchall()
        return key, pickle.loads(page), thread, tuple(alias for (alias,) in aliases)

    def want_page(self, number: int) -> None:
        """Note that a page is to be there even without comments."""
        self._sql.execute("UPDATE page SET is_wanted = 1 WHERE id = ?", (number,))

    def wanted_pages(self) -> Iterator[tuple[int, str]]:
        """Yield number and key of the pages that are to be there."""
        yield from self._sql.execute("SELECT id, key FROM page WHERE is_wanted ORDER BY id")

    def add_of_site(self, row: OfSite) -> None:
        """Keep a row that belongs to the site as a whole."""
        value = row.columns.get("value") if row.kind == "ban" else None
        self._sql.execute(
            "INSERT INTO of_site (kind, value, columns) VALUES (?, ?, ?)",
            (row.kind, value if isinstance(value, str) else None, pickle.dumps(dict(row.columns))),
        )

    def bans_of_author(self, value: str) -> list[dict[str, object]]:
        """Return the columns of bans that name an author, by the first comment's old number."""
        found = self._sql.execute("SELECT columns FROM of_site WHERE value = ?", (value,))
        return [pickle.loads(columns) for (columns,) in found]

    def of_site(self, kind: OfSiteKind) -> Iterator[dict[str, object]]:
        """Yield the columns of the site's rows of a kind, in the order of the file."""
        found = self._sql.execute("SELECT columns FROM of_site WHERE kind = ? ORDER BY id", (kind,))
        yield from (pickle.loads(columns) for (columns,) in found)

    def new_batch(self, old: int, new: int) -> int:
        """Return the number here of decisions made together; ``new`` if this is the first."""
        self._sql.execute("INSERT OR IGNORE INTO batch VALUES (?, ?)", (old, new))
        return int(self._sql.execute("SELECT new FROM batch WHERE old = ?", (old,)).fetchone()[0])

    def is_by_author_of(self, number: int, first: str) -> None:
        """Note whose a comment is: the author's of a record that is not written yet."""
        self._sql.execute("INSERT OR REPLACE INTO same_author VALUES (?, ?)", (number, first))

    def same_authors(self) -> Iterator[tuple[int, int]]:
        """Yield the numbers of comments with those of their authors' first ones."""
        yield from self._sql.execute(
            "SELECT same_author.number, record.number FROM same_author "
            "JOIN record ON record.foreign_id = same_author.first AND record.number IS NOT NULL"
        )

    def number_of(self, foreign_id: str) -> int | None:
        """Return the number of the comment that a record became."""
        found = self._sql.execute("SELECT number FROM record WHERE foreign_id = ?", (foreign_id,))
        row = found.fetchone()
        return row[0] if row else None

    def set_thread(self, number: int, thread: int) -> None:
        """Note the thread of a page."""
        self._sql.execute("UPDATE page SET thread = ? WHERE id = ?", (thread, number))

    def _oldest_of_cycle(self, start: int) -> int:
        """Walk up from a record that hangs on no root: the way must lead into a cycle."""
        slow, fast = self._above(start), self._above(self._above(start))
        while slow != fast:
            slow, fast = self._above(slow), self._above(self._above(fast))
        oldest, at = slow, self._sql.execute(
            "SELECT at FROM record WHERE id = ?", (slow,)).fetchone()  # fmt: skip
        walker = self._above(slow)
        while walker != slow:
            other = self._sql.execute("SELECT at FROM record WHERE id = ?", (walker,)).fetchone()
            if (other, walker) < (at, oldest):
                oldest, at = walker, other
            walker = self._above(walker)
        return oldest

    def _above(self, id: int) -> int:
        (above,) = self._sql.execute("SELECT above FROM record WHERE id = ?", (id,)).fetchone()
        return int(above)


@contextmanager
def staging() -> Iterator[Staging]:
    """Open an empty staging file."""
    # SQLite puts a database without a name into a file of its own once it outgrows its cache.
    with closing(sqlite3.connect("", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=OFF")
        connection.execute("PRAGMA synchronous=OFF")
        yield Staging(connection)
