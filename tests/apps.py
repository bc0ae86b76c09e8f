"""The service as an app, made for tests and closed after them."""

from pathlib import Path

from flask import Flask

from commentbox import create_app
from commentbox.actions.sites import add_site
from commentbox.models import Site

ORIGIN = "https://blog.example"


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
