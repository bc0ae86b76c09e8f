"""The ground of the web's tests: a reader on a page of the site, and apps that tests use in turn."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from commentbox import create_app
from commentbox.actions.sites import add_site
from commentbox.db import Base
from commentbox.models import Site
from tests.databases import ReusedDatabase, copied_sqlite
from tests.web.readers import ORIGIN, Reader


@pytest.fixture
def reader(reused_app: Flask) -> Reader:
    """Return somebody who reads a page of the site “blog”, which has no comments yet."""
    return Reader(reused_app, site_of(reused_app))


@pytest.fixture
def elsewhere(reader: Reader, tmp_path: Path) -> Iterator[Callable[..., Reader]]:
    """Return a function that shows the reader the same site as another app serves it.

    E.g. ``elsewhere(COMMENTBOX_POST_LIMIT="1 per minute")``.
    """
    made: list[Flask] = []

    def served(**settings: object) -> Reader:
        url = str(reader.app.config["COMMENTBOX_DATABASE_URL"])
        made.append(app_of(url, tmp_path, **settings))
        return Reader(made[-1], reader.site)

    yield served
    for app in made:
        close(app)


@pytest.fixture
def database_kind(request: pytest.FixtureRequest) -> str:
    """Return ``"sqlite"``; both kinds in turn where a test is marked by ``ON_BOTH_DATABASES``."""
    kind: str = getattr(request, "param", "sqlite")
    return kind


@pytest.fixture
def reused_app(
    database_kind: str, reused_apps: dict[str, Flask], request: pytest.FixtureRequest
) -> Flask:
    """Return an app on a database without rows.

    To make an app takes ten times as long as to empty its database, so tests use one in turn.
    """
    if database_kind not in reused_apps:
        url = request.getfixturevalue(f"reused_{database_kind}_url")
        reused_apps[database_kind] = app_of(url, request.getfixturevalue("reused_folder"))
    app = reused_apps[database_kind]
    with app.extensions["commentbox"].database.engine.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())
    return app


@pytest.fixture(scope="session")
def reused_apps() -> Iterator[dict[str, Flask]]:
    """Return the apps that were made so far, by the kind of their database."""
    apps: dict[str, Flask] = {}
    yield apps
    for app in apps.values():
        close(app)


@pytest.fixture(scope="session")
def reused_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the data folder of the apps that are used in turn."""
    return tmp_path_factory.mktemp("reused")


@pytest.fixture(scope="session")
def reused_sqlite_url(migrated_sqlite: Path, reused_folder: Path) -> str:
    """Return the address of the SQLite database that is used in turn."""
    return copied_sqlite(migrated_sqlite, reused_folder / "reused.sqlite3")


@pytest.fixture(scope="session")
def reused_postgresql_url(reused_postgresql: ReusedDatabase) -> str:
    """Return the address of the PostgreSQL database that is used in turn."""
    return reused_postgresql.url


@pytest.fixture
def shared_reader(shared_site: tuple[Flask, Site]) -> Reader:
    """Return a new reader of an app that the tests of a module share.

    Quicker still, and good for tests that do not mind what others leave behind.
    """
    return Reader(*shared_site)


@pytest.fixture(scope="module")
def shared_site(
    migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Flask, Site]]:
    """Return an app that the tests of a module share, and its site “blog”."""
    folder = tmp_path_factory.mktemp("shared")
    app = app_of(copied_sqlite(migrated_sqlite, folder / "shared.sqlite3"), folder)
    yield app, site_of(app)
    close(app)


def app_of(database_url: str, folder: Path, **settings: object) -> Flask:
    """Return the service on a database, without a limit on posts unless told otherwise."""
    defaults = {
        "COMMENTBOX_DATA_DIR": folder,
        "COMMENTBOX_DATABASE_URL": database_url,
        "COMMENTBOX_POST_LIMIT": "",
        "COMMENTBOX_SECRET_KEY": "known to every test",
    }
    return create_app(defaults | settings)


def site_of(app: Flask) -> Site:
    """Return the site “blog”, added to an app."""
    with app.app_context():
        return add_site("blog", [ORIGIN])


def close(app: Flask) -> None:
    """Give an app's connections back."""
    app.extensions["commentbox"].database.engine.dispose()
