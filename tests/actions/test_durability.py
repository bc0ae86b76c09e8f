"""Acknowledged means on disk: whoever opens the database anew finds it there."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from commentbox.db import engine_options
from commentbox.models import Site
from tests.web.readers import Reader

Look = Callable[[str], list[tuple[object, ...]]]


@pytest.fixture
def app(new_app: Callable[..., Flask]) -> Flask:
    """Return the whole service: the answer counts, not the verb's return."""
    return new_app()


@pytest.fixture
def reader(app: Flask, site: Site) -> Reader:
    """Return a reader of the site."""
    return Reader(app, site)


@pytest.fixture
def look(database_url: str) -> Look:
    """Return a function that asks the database by a connection of its own, past our sessions."""

    def ask(question: str) -> list[tuple[object, ...]]:
        engine = create_engine(database_url, **engine_options(database_url))
        with engine.connect() as connection:
            found = [tuple(row) for row in connection.execute(text(question))]
        engine.dispose()
        return found

    return ask


def test_a_comment_is_on_disk_when_its_answer_leaves(reader: Reader, look: Look) -> None:
    posted = reader.posted("Remember me.")
    found = look(f"SELECT text, state FROM commentbox_comment WHERE id = {posted.id}")
    assert found == [("Remember me.", "published")]
    assert look("SELECT count FROM commentbox_thread") == [(1,)]


def test_a_held_comment_is_on_disk_too(reader: Reader, look: Look) -> None:
    posted = reader.posted("Remember me.", ticket=None)
    found = look(f"SELECT text, state FROM commentbox_comment WHERE id = {posted.id}")
    assert found == [("Remember me.", "held")]


def test_what_was_refused_is_nowhere(reader: Reader, look: Look) -> None:
    assert reader.post("I am no machine.", contact_me_by_fax="555").status_code == 422
    for table in ("thread", "comment", "network_key"):
        assert look(f"SELECT count(*) FROM commentbox_{table}") == [(0,)]


def test_what_was_deleted_is_gone_from_the_row(reader: Reader, look: Look) -> None:
    posted = reader.posted("My number is 555.", email="cy@example.org", name="Cy")
    answer = reader.to_comment(posted.id, "delete", edit_token=posted.edit_token)
    assert answer.status_code == 200
    assert look("SELECT name, email, website, text, network FROM commentbox_comment") == [
        ("", "", "", "", "")
    ]
