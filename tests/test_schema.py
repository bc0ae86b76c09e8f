"""The schema goes up and down on both databases, equals the models, and keeps to itself."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import Engine, inspect, text

from commentbox import create_app, schema
from commentbox.bundled import migrations_dir
from commentbox.db import Base, own_engine
from commentbox.errors import SetupError
from commentbox.models import Site
from tests.processes import run_at_once

HOSTS_TABLES = (
    "CREATE TABLE article (id INTEGER PRIMARY KEY, title TEXT)",
    "INSERT INTO article (id, title) VALUES (1, 'Hello')",
    "CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)",
    "INSERT INTO alembic_version (version_num) VALUES ('the-hosts-own')",
)

UPGRADE = """
from commentbox import schema
from commentbox.db import own_engine

def deed(url):
    engine = own_engine(url)
    schema.upgrade(engine)
    return schema.current_revision(engine)
"""


@pytest.fixture
def bare(bare_database_url: str) -> Iterator[Engine]:
    """Return an engine of a database without any table."""
    engine = own_engine(bare_database_url)
    yield engine
    engine.dispose()


def test_from_nothing_the_schema_becomes_what_the_models_say(bare: Engine) -> None:
    assert schema.current_revision(bare) is None
    schema.upgrade(bare)
    assert schema.current_revision(bare) == schema.newest_revision()
    assert schema.differences(bare, Base.metadata) == []


def test_a_difference_would_be_noticed(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("DROP INDEX ix_commentbox_comment_top"))
        connection.execute(text("ALTER TABLE commentbox_site ADD COLUMN mood INTEGER"))
    assert len(schema.differences(engine, Base.metadata)) == 2


def test_upgrading_again_changes_nothing(bare: Engine) -> None:
    schema.upgrade(bare)
    tables = inspect(bare).get_table_names()
    schema.upgrade(bare)
    assert inspect(bare).get_table_names() == tables


def test_down_to_the_base_no_table_of_ours_is_left_and_up_again_all_are(bare: Engine) -> None:
    schema.upgrade(bare)
    schema.downgrade(bare, "base")
    assert set(inspect(bare).get_table_names()) <= {schema.VERSION_TABLE}
    assert schema.current_revision(bare) is None
    schema.upgrade(bare)
    assert schema.differences(bare, Base.metadata) == []


def test_every_table_is_marked_as_ours(bare: Engine) -> None:
    schema.upgrade(bare)
    assert all(name.startswith("commentbox_") for name in inspect(bare).get_table_names())


def test_a_hosts_tables_and_its_own_migrations_are_not_touched(bare: Engine) -> None:
    with bare.begin() as connection:
        for statement in HOSTS_TABLES:
            connection.execute(text(statement))
    schema.upgrade(bare)
    assert schema.differences(bare, Base.metadata) == []
    schema.downgrade(bare, "base")
    with bare.connect() as connection:
        assert connection.execute(text("SELECT title FROM article")).scalars().all() == ["Hello"]
        version = connection.execute(text("SELECT version_num FROM alembic_version"))
        assert version.scalars().all() == ["the-hosts-own"]


@pytest.mark.servers
def test_processes_that_upgrade_at_once_wait_for_each_other(
    bare: Engine, bare_database_url: str
) -> None:
    reached = run_at_once(4, UPGRADE, bare_database_url)
    assert reached == [schema.newest_revision()] * 4
    assert schema.differences(bare, Base.metadata) == []


def test_an_upgrade_that_fails_leaves_the_schema_as_it_was(bare: Engine) -> None:
    with bare.begin() as connection:
        # In the way of the last table that the migration makes.
        connection.execute(text("CREATE TABLE commentbox_vote (id INTEGER PRIMARY KEY)"))
    with pytest.raises(Exception, match="commentbox_vote"):
        schema.upgrade(bare)
    assert inspect(bare).get_table_names() == ["commentbox_vote"]


def test_the_service_brings_a_sqlite_file_up_to_date_itself(
    bare_sqlite_url: str, tmp_path: Path
) -> None:
    app = service(bare_sqlite_url, tmp_path)
    engine = app.extensions["commentbox"].database.engine
    assert schema.current_revision(engine) == schema.newest_revision()
    engine.dispose()


def test_the_service_refuses_an_old_schema_elsewhere_and_names_the_remedy(
    bare_postgresql_url: str, tmp_path: Path
) -> None:
    with pytest.raises(SetupError, match="commentbox upgrade"):
        service(bare_postgresql_url, tmp_path)
    engine = own_engine(bare_postgresql_url)
    schema.upgrade(engine)
    engine.dispose()
    app = service(bare_postgresql_url, tmp_path)
    app.extensions["commentbox"].database.engine.dispose()


def test_rows_survive_an_upgrade_that_finds_nothing_to_do(
    app: Flask, new_app: Callable[..., Flask], site: Site
) -> None:
    again = new_app()
    schema.upgrade(again.extensions["commentbox"].database.engine)
    answer = again.test_client().get("/api/v1/sites/blog/thread?page=/a")
    assert answer.status_code == 200


def service(url: str, folder: Path) -> Flask:
    """Return the service on a database."""
    return create_app(
        {
            "COMMENTBOX_DATABASE_URL": url,
            "COMMENTBOX_DATA_DIR": folder / "data",
            "COMMENTBOX_SECRET_KEY": "known to every test",
        }
    )


def test_a_database_of_a_newer_release_is_left_alone(bare_database_url: str) -> None:
    engine = own_engine(bare_database_url)
    schema.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE {schema.VERSION_TABLE} SET version_num = '9999'"))
    for deed in (schema.upgrade, schema.require_newest):
        with pytest.raises(SetupError, match="newer release"):
            deed(engine)
    engine.dispose()


def test_revisions_are_known_by_the_names_of_their_files():
    # Who only looks whether all is up to date does not load Alembic.
    script = ScriptDirectory(str(migrations_dir()))
    assert schema.known_revisions() == {each.revision for each in script.walk_revisions()}
    assert script.get_heads() == [schema.newest_revision()]
