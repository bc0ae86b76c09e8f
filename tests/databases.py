"""Databases for tests: migrated once per run, then copied (SQLite) or emptied (PostgreSQL)."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from commentbox import db, schema

MIGRATED = "commentbox_migrated"

# A new copy of the template for every test would take fifty times as long. Triggers and foreign
# keys rest meanwhile, so the order of the tables does not matter.
EMPTY_ALL_TABLES = f"""
DO $$
DECLARE name text;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT tablename FROM pg_tables
        WHERE schemaname = 'public' AND tablename <> '{schema.VERSION_TABLE}'
    LOOP EXECUTE format('DELETE FROM %I', name); END LOOP;
    FOR name IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'
    LOOP PERFORM setval(quote_ident(name)::regclass, 1, false); END LOOP;
END $$
"""

LEFT_BEHIND = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@dataclass(frozen=True)
class ReusedDatabase:
    """A PostgreSQL database that the tests of one worker use in turn."""

    url: str
    connection: psycopg.Connection[tuple[object, ...]]  # a new one each time would cost the most

    def empty(self) -> None:
        """Delete all rows and number them from 1 again; the schema stays.

        A connection that an earlier test left open, perhaps within a transaction, is closed.
        """
        self.connection.execute(LEFT_BEHIND)
        self.connection.execute(EMPTY_ALL_TABLES)


@contextmanager
def reusing(url: str) -> Iterator[ReusedDatabase]:
    """Keep a connection to empty the database by while the block runs."""
    with _connection(url) as connection:
        yield ReusedDatabase(url, connection)


def migrate_sqlite(file: Path) -> str:
    """Make a SQLite database of the newest schema and return its address."""
    return _migrated(sqlite_url(file))


def sqlite_url(file: Path) -> str:
    """Return the address of a SQLite file, e.g. ``sqlite:////tmp/commentbox.sqlite3``."""
    return f"sqlite:///{file}"


def copied_sqlite(migrated: Path, copy: Path) -> str:
    """Copy a database that nobody has open, and return the copy's address."""
    shutil.copyfile(migrated, copy)
    return sqlite_url(copy)


def migrate_postgresql(server: str) -> str:
    """Make the database of the newest schema that others are copied from, and return its name."""
    _migrated(create_postgresql(server, MIGRATED))
    return MIGRATED


def create_postgresql(server: str, name: str, template: str = "template1") -> str:
    """Create a database and return its address."""
    command = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
    with _connection(server) as connection:
        connection.execute(command.format(sql.Identifier(name), sql.Identifier(template)))
    return _with_path(server, name)


def drop_postgresql(server: str, name: str) -> None:
    """Drop a database, also when somebody is still connected to it."""
    command = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
    with _connection(server) as connection:
        connection.execute(command)


def _migrated(url: str) -> str:
    engine = db.own_engine(url)
    schema.upgrade(engine)
    engine.dispose()
    return url


def _connection(url: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True)


def _with_path(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
