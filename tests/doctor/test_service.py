"""What is told of the service: each part that is well, and what to do about the others."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.wrappers import Request, Response

from commentbox import clock
from commentbox.actions.moderators import add_moderator
from commentbox.actions.sites import add_site
from commentbox.doctor import service
from commentbox.doctor.finding import Finding, Level
from commentbox.doctor.service import examine_service
from commentbox.models import Role
from commentbox.outbound import Client
from tests.factories import WRITTEN_AT, write
from tests.mail_server import taking_mail
from tests.ports import free_port
from tests.websites import serving

NewApp = Callable[..., Flask]

CLIENT = Client(allows_private=True, timeout=timedelta(seconds=10))


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Return a SQLite database; where the kinds differ, a test asks for both."""
    return sqlite_url


def told(app: Flask, at_hours: float = 0) -> dict[str, list[Finding]]:
    """Return what is told of a service, by subject."""
    findings: dict[str, list[Finding]] = {}
    with app.app_context():
        for each in examine_service(app, CLIENT, clock.now() + timedelta(hours=at_hours)):
            findings.setdefault(each.subject, []).append(each)
    return findings


def levels(app: Flask, subject: str) -> list[str]:
    """Return how a part of a service is."""
    return [each.level.value for each in told(app)[subject]]


def test_a_service_that_is_set_up_is_well(new_app: NewApp) -> None:
    port = free_port()
    with taking_mail() as server:
        app = new_app(
            COMMENTBOX_PUBLIC_URL=f"http://127.0.0.1:{port}",
            COMMENTBOX_SMTP_URL=server.url,
            COMMENTBOX_MAIL_FROM="comments@example.org",
        )
        with app.app_context():
            add_site("blog", ["https://blog.example"])
            add_moderator("ada@example.org", "four words of Ada's", None, Role.OWNER)
        with serving(app, port=port):
            findings = told(app)
    assert {each.level for found in findings.values() for each in found} == {Level.GOOD}
    assert set(findings) == {"database", "address", "limits", "mail", "sites", "outbox"}
    assert server.mails == []


def test_what_is_not_finished_is_a_hint(new_app: NewApp) -> None:
    findings = told(new_app())
    for subject, remedy in (
        ("address", "COMMENTBOX_PUBLIC_URL"),
        ("mail", "COMMENTBOX_SMTP_URL"),
        ("sites", "commentbox site add"),
        ("accounts", "--role owner"),
    ):
        [finding] = findings[subject]
        assert finding.level == Level.HINT
        assert remedy in finding.sentence


def test_a_service_that_nobody_reaches_is_told(new_app: NewApp) -> None:
    app = new_app(COMMENTBOX_PUBLIC_URL=f"http://127.0.0.1:{free_port()}")
    assert levels(app, "address") == ["wrong"]


def test_another_program_at_the_address_is_told(new_app: NewApp) -> None:
    with serving(Request.application(lambda _: Response("Hello"))) as url:
        [finding] = told(new_app(COMMENTBOX_PUBLIC_URL=url))["address"]
    assert "Something else" in finding.sentence


def test_a_proxy_that_is_not_heeded_is_told(new_app: NewApp) -> None:
    port = free_port()
    unheeded = new_app(COMMENTBOX_PUBLIC_URL=f"https://127.0.0.1:{port}")
    assert "COMMENTBOX_TRUSTED_PROXIES" in told(unheeded)["address"][0].sentence
    heeded = new_app(
        COMMENTBOX_PUBLIC_URL=f"https://127.0.0.1:{port}", COMMENTBOX_TRUSTED_PROXIES=1
    )
    assert levels(heeded, "address") == ["wrong"]  # nobody is there, and that is all


def test_a_redis_that_is_away_is_told(new_app: NewApp) -> None:
    app = new_app(COMMENTBOX_RATELIMIT_STORAGE_URL=f"redis://127.0.0.1:{free_port()}/0")
    assert levels(app, "limits") == ["wrong"]


def test_limits_in_memory_are_well_on_one_machine_only(
    new_app: NewApp, postgresql_url: str
) -> None:
    assert levels(new_app(), "limits") == ["good"]
    shared = new_app(COMMENTBOX_DATABASE_URL=postgresql_url)
    assert levels(shared, "limits") == ["hint"]


def test_a_mail_server_that_is_away_is_told(new_app: NewApp) -> None:
    app = new_app(
        COMMENTBOX_SMTP_URL=f"smtp://127.0.0.1:{free_port()}",
        COMMENTBOX_MAIL_FROM="comments@example.org",
        COMMENTBOX_PUBLIC_URL="http://127.0.0.1:1",
    )
    assert levels(app, "mail") == ["wrong"]


def test_a_folder_that_others_look_into_is_told(new_app: NewApp, tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir(mode=0o755)
    app = new_app(COMMENTBOX_DATA_DIR=folder)
    assert f"chmod 700 {folder}" in told(app)["data folder"][0].sentence
    folder.chmod(0o700)
    assert "data folder" not in told(app)


def test_a_database_that_cannot_be_written_to_is_told(new_app: NewApp, tmp_path: Path) -> None:
    file = tmp_path / "comments.sqlite3"
    app = new_app(COMMENTBOX_DATABASE_URL=f"sqlite:///{file}")
    app.extensions["commentbox"].database.engine.dispose()
    file.write_bytes(b"This is no database." * 1000)
    findings = told(app)
    assert [each.level for each in findings["database"]] == [Level.WRONG]
    assert "sites" not in findings


def test_what_waits_for_a_worker_is_told(new_app: NewApp) -> None:
    app = new_app()
    with app.app_context():
        write(add_site("blog", ["https://blog.example"]), at=WRITTEN_AT)
    [finding] = told(app)["outbox"]
    assert finding.level == Level.WRONG
    assert "commentbox worker" in finding.sentence


@pytest.mark.parametrize(
    ("version", "is_sound"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 0), True),
    ],
)
def test_releases_of_sqlite_that_can_damage_a_database_are_known(
    version: tuple[int, int, int], is_sound: bool
) -> None:
    assert bool(list(service._sqlite(version))) != is_sound
