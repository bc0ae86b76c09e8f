"""Statements handed to the driver: the same values, and the same trouble, as when SQLAlchemy executes them."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, bindparam, select, update
from sqlalchemy.exc import IntegrityError

from commentbox.db import atomic, session
from commentbox.models import Site
from commentbox.rows import table_of
from commentbox.statements import Statement
from tests.grounds import bare_app, heard

MADE_AT = datetime(2026, 3, 1, 12, 30, 15, 250, tzinfo=UTC)
GIVEN = ("key", "is_open", "created_at", "storm_until", "texts")

ROWS = table_of(Site)
READ = Statement(
    select(*(ROWS.c[name] for name in GIVEN))
    .where(ROWS.c.created_at >= bindparam("since"), ROWS.c.page_size == 50)
    .order_by(ROWS.c.key)
    .limit(2)
)
CLOSE = Statement(update(ROWS).where(ROWS.c.key == bindparam("of")).values(is_open=False))
NAMED = {
    "key": "a",
    "is_open": True,
    "created_at": MADE_AT,
    "storm_until": None,
    "texts": {"a": "ä"},
}


@pytest.fixture(autouse=True)
def _in_an_app(engine: Engine) -> Iterator[None]:
    with bare_app(engine).app_context():
        yield


def stored(**values: object) -> None:
    """Write a site."""
    with atomic() as current:
        current.add(Site(**(NAMED | values)))


def read() -> list[tuple[object, ...]]:
    """Return what is read by the statement."""
    return [tuple(row) for row in READ.run(session(), {"since": MADE_AT})]


def test_values_come_back_as_they_were_stored():
    stored()
    stored(key="b", storm_until=MADE_AT, is_open=False)
    assert read() == [
        ("a", True, MADE_AT, None, {"a": "ä"}),
        ("b", False, MADE_AT, MADE_AT, {"a": "ä"}),
    ]


def test_it_works_within_the_transaction_of_the_session():
    stored()
    with atomic() as current:
        CLOSE.run(current, {"of": "a"})
        assert read()[0][1] is False
        current.rollback()
    assert read()[0][1] is True
    with atomic() as current:
        CLOSE.run(current, {"of": "a"})
    session().expire_all()
    assert session().query(Site).one().is_open is False


def test_trouble_is_told_as_sqlalchemy_tells_it_without_the_values():
    stored()
    stored(key="words that somebody typed")
    rename = Statement(update(ROWS).values(key=bindparam("key")))
    with atomic() as current, pytest.raises(IntegrityError) as trouble:
        rename.run(current, {"key": "other words"})
    assert trouble.value.hide_parameters


def test_who_listens_hears_of_it(engine: Engine):
    stored()
    with heard(engine) as executed:
        assert len(read()) == 1
    assert len([statement for statement in executed if statement.startswith("SELECT")]) == 1
