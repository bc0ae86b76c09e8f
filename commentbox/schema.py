"""The database's schema: where it stands, and how it is brought up to date."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, MetaData, inspect, text

from commentbox.bundled import migrations_dir
from commentbox.db import begin_immediate
from commentbox.errors import SetupError

if TYPE_CHECKING:
    from alembic.config import Config

# Alembic is loaded by who changes the schema, not by who finds it as it should be: it takes longer
# than all our own code, and a tenth of the memory, in every process that serves.

VERSION_TABLE = "commentbox_schema_version"
"""Our own, so that a host app's migrations and ours never meet."""

TABLE_PREFIX = "commentbox_"

SEARCH = re.compile(r"(?:ix_)?commentbox_comment_search(?:_\w+)?|search_words")
"""The full-text index, which each kind of database has in its own way and no model describes."""

LOCK_NAME = 0x636F6D6D656E74
"""PostgreSQL's advisory lock of those who change our schema; the number spells “comment”."""


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the schema to the newest revision, or up to the one named."""
    _refuse_newer(engine)
    if revision == "head" and current_revision(engine) == newest_revision():
        return  # the usual start: nobody has to wait for the lock
    from alembic import command

    with _held(engine) as connection:
        command.upgrade(_config(connection), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the schema back to a revision, e.g. ``"base"``: tables and their rows go."""
    from alembic import command

    with _held(engine) as connection:
        command.downgrade(_config(connection), revision)


def current_revision(engine: Engine) -> str | None:
    """Return the revision of the database, e.g. ``"0001"``; None for an empty one."""
    with engine.connect() as connection:
        if not inspect(connection).has_table(VERSION_TABLE):
            return None
        revision: str | None = connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))
        return revision


def newest_revision() -> str:
    """Return the revision that this release needs."""
    return max(known_revisions())


def require_newest(engine: Engine) -> None:
    """Raise SetupError unless the schema is the one that this release needs."""
    _refuse_newer(engine)
    if current_revision(engine) != newest_revision():
        raise SetupError(
            "The database's schema is not the one this release needs: run “commentbox upgrade”."
        )


def _refuse_newer(engine: Engine) -> None:
    revision = current_revision(engine)
    if revision is not None and revision not in known_revisions():
        raise SetupError(
            "The database's schema (%(revision)s) was made by a newer release of commentbox: "
            "install that release, or restore a backup from before the upgrade.",
            revision=revision,
        )


def differences(engine: Engine, metadata: MetaData) -> list[object]:
    """List what the database has otherwise than the models say; empty when they are equal."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "version_table": VERSION_TABLE,
                "compare_type": True,
                "include_name": lambda name, kind, _parents: _is_compared(name, kind),
                "include_object": lambda _object, name, kind, _reflected, _compared: _is_compared(
                    name, kind
                ),
            },
        )
        return list(compare_metadata(context, metadata))


def is_ours(name: str | None, kind: str) -> bool:
    """Whether a table belongs to commentbox; a host app's tables in the same database do not."""
    return kind != "table" or (name or "").startswith(TABLE_PREFIX)


def _is_compared(name: str | None, kind: str) -> bool:
    """Whether the models say how a part of the schema has to be."""
    return name != VERSION_TABLE and is_ours(name, kind) and not SEARCH.fullmatch(name or "")


def is_table_of_ours(name: str) -> bool:
    """Whether a table holds rows of ours: not its version's, and no index of the search."""
    is_index = SEARCH.fullmatch(name) is not None
    return name.startswith(TABLE_PREFIX) and name != VERSION_TABLE and not is_index


@cache
def known_revisions() -> frozenset[str]:
    """Return the revisions that this release can upgrade from, and its own: ``{"0001", …}``."""
    files = (migrations_dir() / "versions").glob("[0-9]*_*.py")
    return frozenset(file.name.partition("_")[0] for file in files)


@contextmanager
def _held(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that lets one process at a time change the schema."""
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            begin_immediate(connection)
        else:
            connection.execute(text("SELECT pg_advisory_xact_lock(:name)"), {"name": LOCK_NAME})
        yield connection


def _config(connection: Connection) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations_dir()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
