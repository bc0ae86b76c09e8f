"""Each test has a database to itself."""

import psycopg
import pytest
from flask import Flask
from sqlalchemy import Engine, func, inspect, select

from commentbox import db, schema
from commentbox.actions.sites import add_site
from commentbox.models import Site
from tests.databases import ReusedDatabase


@pytest.mark.parametrize("turn", ["first", "second"])
def test_a_test_finds_no_rows_of_an_earlier_one(app: Flask, turn: str) -> None:
    with app.app_context():
        added = add_site(turn, ["https://blog.example"])

        assert added.id == 1
        assert db.session().scalar(select(func.count()).select_from(Site)) == 1


def test_a_database_has_the_newest_schema(engine: Engine) -> None:
    assert schema.current_revision(engine) == schema.newest_revision()
    assert schema.newest_revision() is not None


def test_a_bare_database_has_no_tables(bare_database_url: str) -> None:
    engine = db.own_engine(bare_database_url)

    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_a_transaction_left_open_does_not_hold_up_the_next_test(
    reused_postgresql: ReusedDatabase,
) -> None:
    left_open = psycopg.connect(reused_postgresql.url.replace("+psycopg", ""))
    left_open.execute("LOCK TABLE commentbox_site")

    reused_postgresql.empty()

    with pytest.raises(psycopg.OperationalError):
        left_open.execute("SELECT 1")
    left_open.close()
