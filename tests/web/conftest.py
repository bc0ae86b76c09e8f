"""The ground of the web's tests: a reader on a page of the site."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from commentbox import create_app
from commentbox.actions.sites import add_site
from commentbox.models import Site
from tests.databases import copied_sqlite
from tests.web.readers import ORIGIN, Reader


@pytest.fixture
def reader(app: Flask, site: Site) -> Reader:
    """Return somebody who reads a page of the site “blog”."""
    return Reader(app, site)


@pytest.fixture
def shared_reader(shared_site: tuple[Flask, Site]) -> Reader:
    """Return a new reader of an app that the tests of a module share.

    Quick, and good for tests that leave nothing behind, such as those of what is refused.
    """
    return Reader(*shared_site)


@pytest.fixture(scope="module")
def shared_site(
    migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Flask, Site]]:
    """Return an app that the tests of a module share, and its site “blog”."""
    folder = tmp_path_factory.mktemp("shared")
    app = create_app(
        {
            "COMMENTBOX_DATA_DIR": folder,
            "COMMENTBOX_DATABASE_URL": copied_sqlite(migrated_sqlite, folder / "shared.sqlite3"),
            "COMMENTBOX_POST_LIMIT": "",
            "COMMENTBOX_SECRET_KEY": "known to every test",
        }
    )
    with app.app_context():
        site = add_site("blog", [ORIGIN])
    yield app, site
    app.extensions["commentbox"].database.engine.dispose()
