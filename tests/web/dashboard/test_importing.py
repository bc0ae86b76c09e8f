"""Owners import by upload: a dry run first, then the import, and nobody else does."""

import io
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from commentbox import clock
from commentbox.db import session
from commentbox.models import Comment, Site, Thread
from commentbox.web.dashboard import importing
from commentbox.web.dashboard.import_runs import Run, forget_old
from tests.grounds import eventually
from tests.web.dashboard.people import Desk, write

SAMPLE = Path(__file__).parents[2] / "samples" / "transfer" / "wordpress.xml"
IMPORT = "/dashboard/sites/blog/import"
PERSON = "/dashboard/sites/blog/person"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Return a SQLite database: what differs between databases is tested elsewhere."""
    return sqlite_url


@pytest.fixture
def app(new_app: Callable[..., Flask]) -> Flask:
    """Return an app that nobody else uses: what is uploaded lies in its data folder."""
    return new_app()


def upload(desk: Desk, content: bytes, name: str = "wordpress.xml", **fields: object):
    """Send a file."""
    return desk.press(IMPORT, file=(io.BytesIO(content), name), **fields)


def imports_of(app: Flask) -> Path:
    """Return the folder of a site's uploads."""
    folder: Path = app.extensions["commentbox"].settings.data_dir / "imports" / "blog"
    return folder


def tried(desk: Desk, there: str) -> str:
    """Return the page of an upload once the dry run is over."""
    pages: list[str] = []

    def is_over() -> bool:
        pages.append(desk.look(there))
        return "is being read" not in pages[-1]

    assert eventually(is_over)
    assert "would bring" in pages[-1], pages[-1]
    return pages[-1]


def comments(app: Flask) -> list[Comment]:
    """Return the comments that are kept."""
    with app.app_context():
        return list(session().scalars(select(Comment)))


def test_a_dry_run_comes_first_and_then_the_import(app: Flask, ada: Desk) -> None:
    answer = upload(ada, SAMPLE.read_bytes())
    assert answer.status_code == 303
    there = answer.location.removeprefix("/dashboard/")
    page = tried(ada, there)
    assert "What wordpress.xml would bring" in page
    assert "a pingback" in page
    assert comments(app) == []
    run = there.partition("run=")[2]
    assert ada.press(f"{IMPORT}/start", run=run).status_code == 303
    assert eventually(lambda: "What wordpress.xml brought" in ada.look(there))
    assert len(comments(app)) == 4
    ada.press(f"{IMPORT}/start", run=run)  # pressed twice
    assert len(comments(app)) == 4


@pytest.mark.servers
def test_a_run_whose_process_was_killed_goes_on_when_told_to(
    app: Flask, ada: Desk, new_app: Callable[..., Flask]
) -> None:
    there = upload(ada, SAMPLE.read_bytes()).location.removeprefix("/dashboard/")
    tried(ada, there)
    run = Run(imports_of(app), there.partition("run=")[2])
    killed = """if True:
        import os, sys
        from datetime import datetime
        from pathlib import Path
        from commentbox.web.dashboard.import_runs import Run
        run = Run(Path(sys.argv[1]), sys.argv[2])
        with run.held() as is_mine:
            run.keep(run.state(datetime.now()) | {"stage": "running"})
            os._exit(0 if is_mine else 1)
    """
    subprocess.run([sys.executable, "-c", killed, str(run.folder), run.token], check=True)
    assert "is being imported" in ada.look(there)
    an_hour_ago = run.upload.stat().st_mtime - 3600
    os.utime(run.folder / f"{run.token}.json", (an_hour_ago, an_hour_ago))
    # Another worker of the service sees it, and takes it up.
    other = Desk.of(new_app(), ada.moderator)
    page = other.look(there)
    assert "wordpress.xml stopped early" in page
    assert "Go on" in page
    other.press(f"{IMPORT}/start", run=run.token)
    assert eventually(lambda: "What wordpress.xml brought" in ada.look(there))
    assert len(comments(app)) == 4
    assert eventually(lambda: not run.upload.exists())


@pytest.mark.long
def test_a_run_that_somebody_works_on_is_not_begun_again(app: Flask, ada: Desk) -> None:
    there = upload(ada, SAMPLE.read_bytes()).location.removeprefix("/dashboard/")
    tried(ada, there)
    run = Run(imports_of(app), there.partition("run=")[2])
    with run.held() as is_mine:
        assert is_mine
        state = run.state(clock.now())
        run.keep(state | {"stage": "running"})
        an_hour_ago = run.upload.stat().st_mtime - 3600
        os.utime(run.folder / f"{run.token}.json", (an_hour_ago, an_hour_ago))
        assert "is being imported" in ada.look(there)
        with run.held() as is_mine_too:
            assert not is_mine_too
        importing._work(app, run, "blog", state | {"stage": "running"})
        assert comments(app) == []


def test_the_name_of_a_file_leads_nowhere(app: Flask, ada: Desk) -> None:
    there = upload(ada, SAMPLE.read_bytes(), "../../<b>\tsecret-key").location
    page = tried(ada, there.removeprefix("/dashboard/"))
    assert "What .._.._" in page
    assert "<b>" not in page
    assert {path.parent for path in imports_of(app).rglob("*")} == {imports_of(app)}


def test_pages_are_shown_where_rules_lead_them(app: Flask, ada: Desk) -> None:
    there = upload(ada, SAMPLE.read_bytes(), rules="/2026/01/ -> /notizen/\n").location
    there = there.removeprefix("/dashboard/")
    assert "/notizen/kaffee" in tried(ada, there)
    ada.press(f"{IMPORT}/start", run=there.partition("run=")[2])
    assert eventually(lambda: "What wordpress.xml brought" in ada.look(there))
    with app.app_context():
        assert session().scalars(select(Thread.key)).all() == ["/notizen/kaffee"]
    answer = upload(ada, SAMPLE.read_bytes(), rules="/2026/01/ /notizen/")
    assert answer.status_code >= 400
    assert "Pages that have moved, line 1" in answer.text
    assert "/2026/01/ /notizen/" in answer.text  # what was typed is not lost


def test_it_speaks_german(ada: Desk) -> None:
    there = upload(ada, SAMPLE.read_bytes()).location.removeprefix("/dashboard/")
    tried(ada, there)
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
    assert not list(imports_of(app).glob("*.upload"))


def test_a_run_that_nobody_began_is_none(ada: Desk) -> None:
    for run in ("..%2f..%2fsecret-key", "0" * 32, ""):
        assert "Bring a conversation along" in ada.look(f"sites/blog/import?run={run}")
    assert ada.press(f"{IMPORT}/start", run="../x").status_code == 303


def test_a_file_that_cannot_be_kept_is_told(app: Flask, ada: Desk) -> None:
    data_dir = imports_of(app).parents[1]
    data_dir.mkdir(exist_ok=True)
    (data_dir / "imports").write_text("no folder can be made here")
    answer = upload(ada, b"<rss/>")
    assert answer.status_code == 503
    assert "room left" in answer.text


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


def test_a_file_that_goes_while_old_ones_are_looked_for_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "kept.json"
    there.touch()
    gone = [tmp_path / "gone.part", tmp_path / "gone.upload"]
    monkeypatch.setattr(Path, "glob", lambda _folder, _pattern: iter([*gone, there]))
    forget_old(tmp_path, clock.now() + timedelta(days=2))
    assert not there.exists()
