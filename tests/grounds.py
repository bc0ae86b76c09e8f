"""The smallest ground to stand on: an app that has a database and nothing else."""

from types import SimpleNamespace

from flask import Flask
from sqlalchemy import Engine

from commentbox import schema
from commentbox.db import Database, close_sessions


def bare_app(engine: Engine) -> Flask:
    """Return an app without any address: verbs and questions need none, and it is made at once."""
    app = Flask("ground")
    app.extensions["commentbox"] = SimpleNamespace(
        database=Database(lambda: engine, schema.require_newest)
    )
    app.teardown_appcontext(close_sessions)
    return app
