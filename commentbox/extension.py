"""CommentBox: the one place where settings, database, addresses and limits meet a Flask app."""

import re

from flask import Flask
from sqlalchemy import Engine, make_url

from commentbox import schema
from commentbox.db import Database, close_sessions, host_engine, own_engine
from commentbox.errors import SetupError
from commentbox.freshness import WriteMark
from commentbox.settings import Settings, read_settings
from commentbox.web import engine as web
from commentbox.web.blueprint import make_blueprint
from commentbox.web.dashboard import make_dashboard
from commentbox.web.front import Front
from commentbox.web.identity import Signatures
from commentbox.web.inclusion import comments
from commentbox.web.known_sites import KnownSites
from commentbox.web.limits import Limits


class CommentBox:
    """Mounts the comment engine in a Flask app.

    ``CommentBox(app, url_prefix="/comments")``, or ``box = CommentBox()`` and later
    ``box.init_app(app, url_prefix="/comments")``. Settings come from the app's config
    (``COMMENTBOX_…``), then from the environment. Comments live in the app's own
    Flask-SQLAlchemy database, in tables that start with ``commentbox_``, unless
    ``COMMENTBOX_DATABASE_URL`` names another one or the app has none.

    In templates, ``{{ comments(page="/2026/post/", site="blog") }}`` renders a thread.
    """

    def __init__(self, app: Flask | None = None, *, url_prefix: str | None = None) -> None:
        if app is not None:
            self.init_app(app, url_prefix=url_prefix)

    def init_app(self, app: Flask, *, url_prefix: str | None = None) -> None:
        """Mount the engine in an app. Raises SetupError with the remedy for a set-up mistake."""
        if "commentbox" in app.extensions:
            raise SetupError("This app has a commentbox already: mount it once.")
        prefix = _path(url_prefix or "")
        settings = read_settings(app.config).with_secret_key()
        limits = Limits(settings)
        mark = WriteMark(settings.data_dir / "last-write")
        database = Database(lambda: _find_engine(app, settings), schema.require_newest, mark)
        front = Front(database)
        app.extensions["commentbox"] = web.Engine(
            settings=settings,
            database=database,
            signatures=Signatures(settings.secret_key),
            limits=limits,
            front=front,
            sites=KnownSites(front.ask),
        )
        blueprint = make_blueprint(limits, front)
        blueprint.url_prefix = prefix or None
        app.register_blueprint(blueprint)
        app.register_blueprint(make_dashboard(limits), url_prefix=f"{prefix}/dashboard")
        app.teardown_appcontext(close_sessions)
        app.jinja_env.globals.setdefault("comments", comments)


def _path(prefix: str) -> str:
    """Return a prefix such as ``/comments`` without the slash at its end."""
    if not re.fullmatch(r"(?:/[\w.~-]+)*/?", prefix, re.ASCII):
        raise SetupError(
            "The prefix “%(prefix)s” is not a path: write it like /comments.", prefix=prefix
        )
    return prefix.rstrip("/")


def _find_engine(app: Flask, settings: Settings) -> Engine:
    """Return the app's own engine where it leads to the database asked for, else one of ours."""
    host = host_engine(app)
    asked = settings.database_url
    if host is not None and (not asked or host.url == make_url(settings.resolved_database_url)):
        return host
    if not asked:
        settings.make_data_dir()
    engine = own_engine(settings.resolved_database_url)
    if engine.dialect.name == "sqlite":
        schema.upgrade(engine)  # a file of our own needs nobody to prepare it
    return engine
