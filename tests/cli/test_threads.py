"""Threads are closed, opened, moved and described by command."""

from pathlib import Path

import pytest
from flask import Flask

from commentbox import create_app
from tests.cli.conftest import Cli, told

WHERE = ("--site", "blog", "--page", "/a")


@pytest.fixture
def app(cli: Cli, data_dir: Path) -> Flask:
    """Return the service that the commands work on, with a comment on the page /a."""
    cli("site", "add", "blog", "--origin", "https://blog.example")
    app = create_app({"COMMENTBOX_DATA_DIR": data_dir, "COMMENTBOX_SECRET_KEY": "known"})
    assert post(app) == 202  # without a ticket it waits
    return app


def post(app: Flask, page: str = "/a", text: str = "Well said!") -> int:
    """Post a comment and return the status."""
    origin = {"Origin": "https://blog.example"}
    fields = {"page": page, "text": text}
    path = "/api/v1/sites/blog/comments"
    return app.test_client().post(path, json=fields, headers=origin).status_code


def test_a_closed_thread_takes_no_comment_until_it_is_opened(cli: Cli, app: Flask) -> None:
    assert cli("thread", "close", *WHERE).exit_code == 0
    assert post(app, text="Too late") == 409
    assert cli("thread", "open", *WHERE).exit_code == 0
    assert post(app, text="In time") == 202


def test_a_moved_page_shows_the_thread_of_the_old_one(cli: Cli, app: Flask) -> None:
    assert cli("thread", "alias", *WHERE, "--also", "/b/").exit_code == 0
    assert cli("thread", "alias", *WHERE, "--also", "/b").exit_code == 0
    shown = app.test_client().get("/api/v1/sites/blog/thread?page=/b").json
    assert shown["page"] == "/a"


def test_two_threads_do_not_become_one(cli: Cli, app: Flask) -> None:
    assert post(app, page="/b") == 202
    assert "/b" in told(cli("thread", "alias", *WHERE, "--also", "/b"))


def test_the_owner_says_what_a_page_is_called(cli: Cli, app: Flask) -> None:
    told_so = ("--title", "Social media", "--url", "https://blog.example/a?utm_source=x")
    assert cli("thread", "describe", *WHERE, *told_so).exit_code == 0
    shown = app.test_client().get("/api/v1/sites/blog/thread?page=/a").json
    assert (shown["title"], shown["url"]) == ("Social media", "https://blog.example/a")
    assert cli("thread", "describe", *WHERE, "--title", "").exit_code == 0
    shown = app.test_client().get("/api/v1/sites/blog/thread?page=/a").json
    assert (shown["title"], shown["url"]) == (None, "https://blog.example/a")


def test_a_page_is_not_described_by_what_it_cannot_be(cli: Cli, app: Flask) -> None:
    assert cli("thread", "describe", *WHERE).exit_code == 2
    elsewhere = cli("thread", "describe", *WHERE, "--url", "https://evil.example/a")
    assert "https://blog.example" in told(elsewhere)
    assert "300" in told(cli("thread", "describe", *WHERE, "--title", "x" * 301))
