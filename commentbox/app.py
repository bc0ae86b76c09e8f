"""create_app(): the smallest host of the engine, which is the service itself."""

from collections.abc import Mapping

from flask import Flask, redirect, url_for
from flask_sqlalchemy import SQLAlchemy
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

from commentbox import schema
from commentbox.db import engine_options, host_engine, make_durable
from commentbox.extension import CommentBox
from commentbox.settings import Settings, read_settings
from commentbox.web.blueprint import READABLE
from commentbox.web.problems import http_answer


def create_app(config: Mapping[str, object] | None = None) -> Flask:
    """Return the service as a Flask app, e.g. for any WSGI server: ``commentbox:create_app()``.

    ``config`` holds settings such as ``{"COMMENTBOX_DATA_DIR": "/data"}``; what it leaves open
    comes from the environment. On SQLite the schema is brought up to date, elsewhere an old one
    raises SetupError with the remedy.
    """
    app = Flask("commentbox", static_folder=None)
    app.config.update(config or {})
    settings = read_settings(app.config).with_secret_key()
    app.config.setdefault("SECRET_KEY", settings.secret_key)
    _connect(app, settings)
    CommentBox(app)
    # Directly before Flask, behind what proxies say. Only here, where no other code of the app
    # has a word in who may read: in a host app the blueprint asks once that code has agreed.
    app.wsgi_app = app.extensions["commentbox"].front.before(app.wsgi_app, READABLE)  # type: ignore[method-assign]
    app.register_error_handler(HTTPException, http_answer)
    app.add_url_rule("/", "front_door", _front_door)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _front_door() -> Response:
    """``GET /``: who types the service's address looks for the dashboard; a host has its own page."""
    return redirect(url_for("commentbox_dashboard.queue"))


def _connect(app: Flask, settings: Settings) -> None:
    if not settings.database_url:
        settings.make_data_dir()
    url = settings.resolved_database_url
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = dict(engine_options(url))
    SQLAlchemy(app)
    engine = host_engine(app)
    assert engine is not None  # the line above made it
    if engine.dialect.name == "sqlite":
        make_durable(engine)
    try:
        if engine.dialect.name == "sqlite":
            schema.upgrade(engine)
        else:
            schema.require_newest(engine)
    finally:
        engine.dispose()  # a server that forks after this must not share our connection
