"""Questions compiled once: answered as the session answers them, on both kinds of database."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, bindparam, column, select, table
from sqlalchemy.exc import DBAPIError

from commentbox.db import atomic, moment, session
from commentbox.models import Site
from commentbox.questions import Question
from tests.grounds import bare_app

MADE_AT = datetime(2026, 3, 1, 12, 30, 15, 250, tzinfo=UTC)

SINCE = Question(
    select(Site.key, Site.is_open, Site.created_at, Site.storm_until)
    .where(Site.created_at >= bindparam("since", type_=Site.created_at.type), Site.page_size == 50)
    .order_by(Site.key)
    .limit(bindparam("limit"))
)


@pytest.fixture(autouse=True)
def _in_an_app(engine: Engine) -> Iterator[None]:
    with bare_app(engine).app_context():
        with atomic() as current:
            for minute, key in enumerate(("a", "b", "c")):
                current.add(Site(key=key, created_at=MADE_AT.replace(minute=minute)))
        yield


def test_values_are_written_as_their_columns_write_them():
    since = MADE_AT.replace(minute=1)
    found = SINCE.ask(session(), since=since, limit=10)
    assert [row[0] for row in found] == ["b", "c"]
    assert SINCE.ask(session(), since=since.replace(microsecond=251), limit=10) == found[1:]
    assert SINCE.ask(session(), since=since, limit=1) == found[:1]


def test_what_the_driver_gives_can_be_read():
    ((key, is_open, created_at, storm_until),) = SINCE.ask(
        session(), since=MADE_AT.replace(minute=2), limit=1
    )
    assert (key, bool(is_open), moment(created_at), storm_until) == (
        "c",
        True,
        MADE_AT.replace(minute=2),
        None,
    )


def test_a_session_sees_what_it_has_written_itself():
    with atomic() as current:
        current.add(Site(key="d", created_at=MADE_AT))
        current.flush()
        assert [row[0] for row in SINCE.ask(current, since=MADE_AT, limit=10)] == ["d"]
        current.rollback()
    assert not SINCE.ask(session(), since=MADE_AT, limit=10)


def test_who_only_reads_from_a_file_takes_no_connection_from_the_pool(engine: Engine):
    SINCE.ask(session(), since=MADE_AT, limit=10)
    assert session().in_transaction() == (engine.dialect.name == "postgresql")


def test_trouble_is_told_as_the_session_tells_it():
    with pytest.raises(DBAPIError):
        Question(select(column("id")).select_from(table("nowhere"))).ask(session())
    session().rollback()
