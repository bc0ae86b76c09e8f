"""The keys of network tokens go when their time is over, also where nobody writes."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from commentbox import clock
from commentbox.db import atomic, session
from commentbox.models import NetworkKey
from commentbox.web.blueprint import Forgetting
from tests.web.readers import Reader


@pytest.fixture
def quiet_blog(elsewhere) -> Reader:
    """Return a reader of a service that was started anew, with keys of four days."""
    reader = elsewhere()
    today = clock.now().date()
    with reader.app.app_context(), atomic() as current:
        for age in range(4):
            current.add(NetworkKey(day=today - timedelta(days=age), secret=bytes(32)))
    return reader


def ages(reader: Reader) -> list[int]:
    """Return how many days old the keys are that are left."""
    with reader.app.app_context():
        days = session().scalars(select(NetworkKey.day))
        return sorted((clock.now().date() - day).days for day in days)


def test_the_first_reader_of_a_day_lets_the_old_keys_go(quiet_blog: Reader) -> None:
    quiet_blog.read()
    assert ages(quiet_blog) == [0, 1]


def test_a_new_day_begins_also_where_all_answers_are_prepared(
    quiet_blog: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        quiet_blog.read()
    tomorrow = clock.now() + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: tomorrow)
    quiet_blog.read()
    assert ages(quiet_blog) == [1]


def test_asking_whether_the_process_lives_touches_no_database(quiet_blog: Reader) -> None:
    quiet_blog.client.get("/healthz")
    assert ages(quiet_blog) == [0, 1, 2, 3]


def test_no_reader_waits_for_old_keys_to_go(quiet_blog: Reader) -> None:
    engine = quiet_blog.app.extensions["commentbox"].database.engine
    with engine.connect() as other:
        other.exec_driver_sql("BEGIN IMMEDIATE")
        assert quiet_blog.client.get("/embed.js").status_code == 200
        assert ages(quiet_blog) == [0, 1, 2, 3]


def test_what_could_not_be_forgotten_at_once_is_tried_again(quiet_blog: Reader) -> None:
    app, forgetting = quiet_blog.app, Forgetting(again_after=timedelta())
    with app.extensions["commentbox"].database.engine.connect() as other:
        other.exec_driver_sql("BEGIN IMMEDIATE")
        on_a_request(app, forgetting)
        assert ages(quiet_blog) == [0, 1, 2, 3]
    on_a_request(app, forgetting)
    assert ages(quiet_blog) == [0, 1]


def on_a_request(app: Flask, forgetting: Forgetting) -> None:
    """Let a request come to it alone."""
    with app.test_request_context("/embed.css"):
        forgetting()
