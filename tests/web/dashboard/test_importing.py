"""Owners import by upload: a dry run first, then the import, and nobody else does."""

import io
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from commentbox.db import session
from commentbox.models import Comment, Site
from tests.grounds import eventually
from tests.web.dashboard.people import Desk, write

SAMPLE = Path(__file__).parents[2] / "samples" / "transfer" / "wordpress.xml"
IMPORT = "/dashboard/sites/blog/import"
PERSON = "/dashboard/sites/blog/person"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Return a SQLite database: what differs between databases is tested elsewhere."""
    return sqlite_url


def upload(desk: Desk, content: bytes, name: str = "wordpress.xml", **fields: object):
    """Send a file."""
    return desk.press(IMPORT, file=(io.BytesIO(content), name), **fields)


def comments(app: Flask) -> list[Comment]:
    """Return the comments that are kept."""
    with app.app_context():
        return list(session().scalars(select(Comment)))


def test_a_dry_run_comes_first_and_then_the_import(app: Flask, ada: Desk) -> None:
    answer = upload(ada, SAMPLE.read_bytes())
    assert answer.status_code == 303
    there = answer.location.removeprefix("/dashboard/")
    page = ada.look(there)
    assert "What wordpress.xml would bring" in page
    assert "a pingback" in page
    assert comments(app) == []
    run = there.partition("run=")[2]
    assert ada.press(f"{IMPORT}/start", run=run).status_code == 303
    assert eventually(lambda: "What wordpress.xml brought" in ada.look(there))
    assert len(comments(app)) == 4
    ada.press(f"{IMPORT}/start", run=run)  # pressed twice
    assert len(comments(app)) == 4


def test_it_speaks_german(ada: Desk) -> None:
    there = upload(ada, SAMPLE.read_bytes()).location.removeprefix("/dashboard/")
    page = ada.look(f"{there}&lang=de")
    assert "Was wordpress.xml bringen würde" in page
    assert "ein Pingback" in page


def test_only_owners_import_and_erase(ben: Desk) -> None:
    assert upload(ben, SAMPLE.read_bytes()).status_code == 403
    assert ben.client.get(IMPORT).status_code == 403
    assert ben.press(PERSON, email="cy@example.org").status_code == 403
    assert ben.press(f"{PERSON}/erase", email="cy@example.org", mode="delete").status_code == 403


@pytest.mark.parametrize(
    ("content", "name", "problem"),
    [(b"Dear diary", "diary.txt", "diary.txt"), (b"", "", "Choose a file")],
)
def test_what_cannot_be_imported_is_told(
    app: Flask, ada: Desk, content: bytes, name: str, problem: str
) -> None:
    answer = upload(ada, content, name)
    assert answer.status_code >= 400
    assert problem in answer.text
    folder = app.extensions["commentbox"].settings.data_dir / "imports" / "blog"
    assert not list(folder.glob("*.upload"))


def test_a_run_that_nobody_began_is_none(ada: Desk) -> None:
    for run in ("..%2f..%2fsecret-key", "0" * 32, ""):
        assert "Bring a conversation along" in ada.look(f"sites/blog/import?run={run}")
    assert ada.press(f"{IMPORT}/start", run="../x").status_code == 303


def test_strangers_send_no_large_file(app: Flask, site: Site) -> None:
    data = {"file": (io.BytesIO(b"x" * 300_000), "a.xml")}
    answer = app.test_client().post(IMPORT, data=data, content_type="multipart/form-data")
    assert answer.status_code in (302, 303)
    assert "sign-in" in answer.location


def test_an_owner_shows_and_forgets_an_address(app: Flask, site: Site, ada: Desk) -> None:
    comment = write(app, site)
    with app.app_context():
        email = session().get_one(Comment, comment.id).email
    page = ada.press(PERSON, email=email or "ben@example.org").text
    assert "1 comment" in page or not email
    answer = ada.press(f"{PERSON}/erase", email=email or "ben@example.org", mode="anonymise")
    assert answer.status_code == 303
    assert "is forgotten" in ada.look(answer.location.removeprefix("/dashboard/"))
    assert comments(app)[0].email == ""
    assert ada.press(f"{PERSON}/erase", email="x@example.org", mode="both").status_code == 400
