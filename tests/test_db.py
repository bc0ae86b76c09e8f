"""Connections, transactions and moments: what every deed relies on."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, event, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from commentbox.actions.sites import add_site
from commentbox.db import (
    BUSY_TIMEOUT_SECONDS,
    atomic,
    engine_options,
    make_durable,
    own_engine,
    session,
)
from commentbox.errors import SetupError
from commentbox.models import Site
from tests.grounds import bare_app, eventually


@pytest.fixture
def app(engine: Engine) -> Flask:
    """Return an app that has the test's database and nothing else."""
    return bare_app(engine)


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Engine]:
    """Return an engine of a SQLite database."""
    engine = own_engine(sqlite_url)
    yield engine
    engine.dispose()


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("secure_delete", 1),
        ("busy_timeout", BUSY_TIMEOUT_SECONDS * 1000),
    ],
)
def test_every_sqlite_connection_is_durable(sqlite: Engine, pragma: str, value: object) -> None:
    with sqlite.connect() as first, sqlite.connect() as second:
        for connection in (first, second):
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


@pytest.mark.parametrize(("query", "seconds"), [("", "10"), ("?connect_timeout=3", "3")])
def test_a_postgresql_whose_machine_is_gone_is_given_up(
    postgresql_url: str, query: str, seconds: str
) -> None:
    engine = own_engine(postgresql_url + query)
    with engine.connect() as connection:
        told = connection.connection.driver_connection.info.get_parameters()
    engine.dispose()
    assert told["connect_timeout"] == seconds
    assert told["tcp_user_timeout"] == "25000"  # of what is sent and not acknowledged
    given_up_after = int(told["keepalives_idle"]) + 3 * int(told["keepalives_interval"])
    assert (given_up_after, told["keepalives_count"]) == (25, "3")


def test_a_deed_is_committed_when_its_block_ends(app: Flask, engine: Engine) -> None:
    with app.app_context(), atomic() as current:
        current.add(Site(key="blog"))
    with engine.connect() as other:
        assert other.execute(select(Site.key)).scalars().all() == ["blog"]


def test_a_deed_that_fails_leaves_nothing(app: Flask, engine: Engine) -> None:
    def deed() -> None:
        with atomic() as current:
            current.add(Site(key="blog"))
            current.flush()
            raise KeyError

    with app.app_context(), pytest.raises(KeyError):
        deed()
    with engine.connect() as other:
        assert other.execute(select(Site.key)).scalars().all() == []


def test_deeds_do_not_nest(app: Flask, engine: Engine) -> None:
    def deed() -> None:
        with atomic() as current:
            current.add(Site(key="outer"))
            add_site("inner", ["https://inner.example"])

    with app.app_context():
        with pytest.raises(RuntimeError, match="does not nest"):
            deed()
        assert session().scalars(select(Site)).all() == []
        add_site("next", ["https://next.example"])
        assert session().scalars(select(Site.key)).all() == ["next"]


def test_a_hosts_engine_that_begins_by_itself_can_be_shared(sqlite_url: str) -> None:
    """SQLAlchemy's documentation recommends this for SQLite's savepoints."""
    engine = create_engine(sqlite_url, **engine_options(sqlite_url))
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    with bare_app(engine).app_context():
        add_site("blog", ["https://blog.example"])
        assert session().scalars(select(Site.key)).all() == ["blog"]
    engine.dispose()


def test_a_deed_after_another_sees_what_others_did_meanwhile(app: Flask, engine: Engine) -> None:
    with app.app_context():
        mine = add_site("blog", ["https://blog.example"])
        with Session(engine) as other:
            other.get_one(Site, mine.id).max_depth = 2
            other.commit()
        with atomic() as current:
            assert current.get_one(Site, mine.id).max_depth == 2


def test_a_second_writer_waits_for_the_first_and_does_not_fail(sqlite_url: str) -> None:
    """Two processes have no queue in common, only the database."""
    ours, theirs = own_engine(sqlite_url), own_engine(sqlite_url)
    begun = threading.Event()

    def write_there() -> None:
        with bare_app(theirs).app_context():
            begun.set()
            add_site("there", ["https://there.example"])

    with ThreadPoolExecutor(1) as pool:
        with bare_app(ours).app_context(), atomic() as current:
            writing = pool.submit(write_there)
            begun.wait()
            current.add(Site(key="here"))
        writing.result()

    with ours.connect() as connection:
        keys = connection.execute(select(Site.key).order_by(Site.id)).scalars().all()
    assert keys == ["here", "there"]
    ours.dispose()
    theirs.dispose()


def test_a_deed_holds_the_write_lock_before_it_reads(sqlite_url: str) -> None:
    """Else one that reads first and writes later would fail when another came in between."""
    ours = own_engine(sqlite_url)
    hasty = impatient_engine(sqlite_url)
    with bare_app(ours).app_context(), atomic() as current:
        current.scalars(select(Site)).all()
        with hasty.connect() as other, pytest.raises(OperationalError, match="locked"):
            other.exec_driver_sql("BEGIN IMMEDIATE")
    ours.dispose()
    hasty.dispose()


def test_readers_do_not_wait_for_a_writer(sqlite_url: str) -> None:
    ours = own_engine(sqlite_url)
    hasty = impatient_engine(sqlite_url)
    with bare_app(ours).app_context(), atomic() as current:
        current.add(Site(key="blog"))
        current.flush()
        with hasty.connect() as other:
            assert other.execute(select(Site.key)).scalars().all() == []
    ours.dispose()
    hasty.dispose()


def test_who_waits_for_a_turn_to_write_holds_no_connection(sqlite: Engine) -> None:
    """Else those who wait could hold all that there are, and the one whose turn it is gets none."""
    app = bare_app(sqlite)
    has_read = threading.Event()

    def read_then_write() -> None:
        with app.app_context():
            session().scalars(select(Site)).all()
            has_read.set()
            with atomic():
                pass

    with ThreadPoolExecutor(1) as pool:
        with app.app_context(), atomic():
            waiting = pool.submit(read_then_write)
            has_read.wait()
            assert eventually(lambda: sqlite.pool.checkedout() == 1)  # type: ignore[attr-defined]
        waiting.result()


def test_sessions_give_their_connections_back(app: Flask, engine: Engine) -> None:
    for _ in range(3):
        with app.app_context():
            session().scalars(select(Site)).all()
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_foreign_keys_hold(app: Flask) -> None:
    with app.app_context(), pytest.raises(Exception, match=r"(?i)foreign key"), atomic() as current:
        current.execute(
            text("INSERT INTO commentbox_thread_alias (site_id, key, thread_id) VALUES (9, 'a', 9)")
        )


def test_a_moment_keeps_its_instant_and_comes_back_in_utc(app: Flask) -> None:
    there = datetime(2026, 3, 1, 14, 30, 15, 123456, timezone(timedelta(hours=2)))
    with app.app_context():
        with atomic() as current:
            current.add(Site(key="blog", created_at=there))
        session().expire_all()
        stored = session().scalars(select(Site)).one().created_at
    assert stored == there
    assert stored.tzinfo is UTC or stored.utcoffset() == timedelta(0)


def test_a_moment_without_a_zone_is_refused(app: Flask) -> None:
    def deed() -> None:
        with atomic() as current:
            current.add(Site(key="blog", created_at=datetime(2026, 3, 1)))

    with app.app_context(), pytest.raises(Exception, match="time zone"):
        deed()


def test_a_hosts_own_engine_is_made_durable_only_when_asked(sqlite_url: str) -> None:
    engine = create_engine(sqlite_url, **engine_options(sqlite_url))
    make_durable(engine)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    engine.dispose()


def impatient_engine(url: str) -> Engine:
    """Return an engine of another application, which fails where ours would wait."""
    # Of the same driver: two copies of SQLite in one process do not see each other's locks.
    return create_engine(url, **engine_options(url) | {"connect_args": {"timeout": 0}})


@pytest.mark.parametrize("is_replaced", [True, False], ids=["replaced", "moved away"])
def test_nothing_is_written_to_a_file_that_is_no_longer_there(
    sqlite_url: str, is_replaced: bool
) -> None:
    engine = own_engine(sqlite_url)
    file, app = Path(str(engine.url.database)), bare_app(engine)
    with app.app_context():
        add_site("blog", ["https://blog.example"])
        before = file.read_bytes()
        moved = file.rename(file.with_name("moved"))
        if is_replaced:
            file.write_bytes(before)
        with pytest.raises(SetupError, match="restart"):
            add_site("lost", ["https://lost.example"])
    engine.dispose()
    if is_replaced:
        with app.app_context():  # begun anew, as after a restart
            add_site("found", ["https://found.example"])
        engine.dispose()
    moved.unlink()


def test_a_connection_that_dies_takes_no_answer_back(app: Flask, engine: Engine) -> None:
    with app.app_context():
        lost = session().connection().connection.driver_connection
        assert lost is not None
        lost.close()
    with app.app_context():
        assert session().scalars(select(Site)).all() == []


def test_who_waited_in_the_queue_waits_less_for_other_processes(app: Flask, engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        return
    with engine.connect() as other:
        other.exec_driver_sql("BEGIN IMMEDIATE")
        with app.app_context(), pytest.raises(OperationalError), atomic(patience_seconds=0):
            pytest.fail("two writers at once")
        other.rollback()
    with app.app_context():
        with atomic() as current:
            current.add(Site(key="blog"))
        busy = session().connection().exec_driver_sql("PRAGMA busy_timeout").scalar()
        assert busy == BUSY_TIMEOUT_SECONDS * 1000
