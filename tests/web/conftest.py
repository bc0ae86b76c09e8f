"""The ground of the web's tests: a reader on a page of the site, and apps that tests use in turn."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from commentbox.models import Site
from tests.apps import app_of, close, site_of
from tests.databases import copied_sqlite
from tests.web.readers import Reader


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
