"""Whether the store has changed: seen at once on SQLite, within a second on PostgreSQL."""

from pathlib import Path
from threading import Thread
from time import monotonic

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import StaticPool

from commentbox import freshness
from commentbox.db import own_engine
from commentbox.freshness import MAX_AGE_SECONDS, PostgresqlWatch, SqliteWatch, WriteMark, watch

CHANGE = text("INSERT INTO commentbox_network_key (day, secret) VALUES (:day, 'secret')")


@pytest.fixture
def sqlite(sqlite_url: str):
    """Return an engine of a SQLite file."""
    engine = own_engine(sqlite_url)
    yield engine
    engine.dispose()


def change(engine: Engine, day: str) -> None:
    """Commit something."""
    with engine.begin() as connection:
        connection.execute(CHANGE, {"day": day})


def test_a_commit_is_seen_at_once_by_whatever_connection_it_came(sqlite: Engine, sqlite_url: str):
    seen = watch(sqlite, WriteMark())
    other = own_engine(sqlite_url)
    assert isinstance(seen, SqliteWatch)
    for number, writer in enumerate((sqlite, other, sqlite)):
        moment = seen.moment()
        assert seen.is_unchanged_since(moment) is (number > 0)  # the first look knows nothing yet
        moment = seen.moment()
        assert seen.is_unchanged_since(moment)
        change(writer, f"2026-03-0{number + 1}")
        assert not seen.is_unchanged_since(moment)
    other.dispose()


def test_with_another_journal_there_is_no_index_and_a_commit_is_seen_all_the_same(tmp_path: Path):
    engine = create_engine(f"sqlite:///{tmp_path / 'plain.sqlite3'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE commentbox_network_key (day TEXT, secret TEXT)"))
    seen = watch(engine, WriteMark())
    assert seen is not None
    seen.is_unchanged_since(0)
    moment = seen.moment()
    assert seen.is_unchanged_since(moment)
    change(engine, "2026-03-01")
    assert not seen.is_unchanged_since(moment)
    engine.dispose()


def test_a_commit_is_seen_when_all_connections_were_closed_meanwhile(sqlite: Engine):
    seen = watch(sqlite, WriteMark())
    assert seen is not None
    seen.is_unchanged_since(0)
    moment = seen.moment()
    assert seen.is_unchanged_since(moment)
    sqlite.dispose()  # the last connection takes the log along: the next one begins another
    change(sqlite, "2026-03-01")
    assert not seen.is_unchanged_since(moment)
    moment = seen.moment()
    assert seen.is_unchanged_since(moment)
    change(sqlite, "2026-03-02")
    assert not seen.is_unchanged_since(moment)


def test_what_is_undone_changes_nothing(sqlite: Engine):
    seen = watch(sqlite, WriteMark())
    assert seen is not None
    seen.is_unchanged_since(0)
    moment = seen.moment()
    with sqlite.connect() as connection:
        connection.execute(CHANGE, {"day": "2026-03-01"})
        connection.rollback()
    assert seen.is_unchanged_since(moment)


def test_one_threads_moment_serves_another_only_if_it_came_later(sqlite: Engine):
    seen = watch(sqlite, WriteMark())
    assert seen is not None
    answers: list[bool] = []

    def look(moment: int) -> None:
        answers.append(seen.is_unchanged_since(moment))

    seen.is_unchanged_since(0)
    early = seen.moment()
    change(sqlite, "2026-03-01")
    for moment in (early, seen.moment()):
        other = Thread(target=look, args=(moment,))
        other.start()
        other.join()
    # Both other threads look for the first time: what was read before is not good enough for them.
    assert answers == [False, False]
    assert not seen.is_unchanged_since(early)


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file:x?mode=memory&uri=true"]
)
def test_a_database_that_only_its_own_connections_see_cannot_be_watched(url: str):
    engine = create_engine(url, poolclass=StaticPool)
    assert watch(engine, WriteMark()) is None
    engine.dispose()


def test_postgresql_is_believed_for_a_second_and_not_after_a_write(
    postgresql_url: str, tmp_path: Path
):
    engine = own_engine(postgresql_url)
    here, neighbour = WriteMark(tmp_path / "mark"), WriteMark(tmp_path / "mark")
    seen = watch(engine, here)
    assert isinstance(seen, PostgresqlWatch)
    moment = seen.moment()
    long_ago = (monotonic() - MAX_AGE_SECONDS, here.value())
    assert not seen.is_unchanged_since(long_ago)
    neighbour.move()
    assert not seen.is_unchanged_since(moment)
    assert seen.ask("SELECT 1, ?", ("a",)) == ((1, "a"),)
    engine.dispose()


def test_a_mark_that_cannot_be_shared_is_moved_all_the_same(tmp_path: Path):
    for path in (None, tmp_path / "missing" / "mark", tmp_path):
        mark = WriteMark(path)
        before = mark.value()
        mark.move()
        assert mark.value() != before


def test_a_question_is_answered_though_its_connection_is_given_up_meanwhile(
    sqlite: Engine, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(freshness, "MAX_EYES", 1)
    seen = SqliteWatch(sqlite)
    seen.ask("SELECT 1", ())

    def another_thread_asks() -> int:
        other = Thread(target=seen.ask, args=("SELECT 2", ()))
        other.start()
        other.join()
        return 3

    (eye,) = seen._eyes.values()
    eye.connection.create_function("meanwhile", 0, another_thread_asks)
    del eye
    assert seen.ask("SELECT meanwhile()", ()) == ((3,),)
    assert seen.ask("SELECT 4", ()) == ((4,),)
