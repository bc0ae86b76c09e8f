"""The bell: it rings when somebody else writes, also after the database could not be asked."""

import threading
from sqlite3 import OperationalError

import pytest
from sqlalchemy import create_engine, text

from commentbox.delivery import bell as module
from commentbox.delivery.bell import Bell, hearing
from tests.grounds import DEADLINE_SECONDS


def test_it_rings_again_after_the_database_could_not_be_asked(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SQLITE_LOOK_SECONDS", 0.001)
    engine, writer = create_engine(sqlite_url), create_engine(sqlite_url)
    asked = engine.raw_connection
    refused, rung = threading.Semaphore(3), threading.Event()

    def refuse_thrice() -> object:
        if refused.acquire(blocking=False):
            raise OperationalError("disk I/O error")
        return asked()

    monkeypatch.setattr(engine, "raw_connection", refuse_thrice)
    bell = Bell()
    monkeypatch.setattr(bell, "ring", rung.set)
    with hearing(engine, bell):
        assert rung.wait(DEADLINE_SECONDS)  # somebody may have written meanwhile
        rung.clear()
        with writer.begin() as connection:
            connection.execute(text("CREATE TABLE written (number INTEGER)"))
        assert rung.wait(DEADLINE_SECONDS)
    engine.dispose()
    writer.dispose()
