"""A Flask app with everything of its own mounts commentbox, and neither disturbs the other."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Blueprint, Flask, abort, render_template_string, request, session
from flask.cli import ScriptInfo
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect, generate_csrf
from sqlalchemy import inspect
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from commentbox import CommentBox, clock, schema
from commentbox.actions.sites import add_site
from commentbox.cli import commands
from commentbox.db import engine_options
from commentbox.errors import SetupError
from commentbox.models import Site

ORIGIN = "https://blog.example"
ARTICLE = """<h1>{{ title }}</h1>{{ comments(page="/a", site="blog") }}"""


@dataclass(frozen=True)
class Host:
    """The host: an app, its own database and its own table."""

    app: Flask
    db: SQLAlchemy
    article: type

    @property
    def client(self) -> FlaskClient:
        """Return a client of the app."""
        return self.app.test_client()

    def comment(self, text: str = "Well said!", **more: str) -> TestResponse:
        """Post a comment through the prefix, from a page of the blog."""
        return self.client.post(
            "/comments/api/v1/sites/blog/comments",
            data={"page": "/a", "text": text, **more},
            headers={"Origin": ORIGIN},
        )

    def titles(self) -> list[str]:
        """Return what stands in the host's table."""
        with self.app.app_context():
            return list(self.db.session.scalars(self.db.select(self.article.title)))


@pytest.fixture(params=["before", "after"])
def host(request: pytest.FixtureRequest, sqlite_url: str, tmp_path: Path) -> Iterator[Host]:
    """Return a host on which commentbox was mounted before or after all that is its own."""
    app = Flask("host")
    app.config.update(
        SECRET_KEY="the host's own",
        SQLALCHEMY_DATABASE_URI=sqlite_url,
        SQLALCHEMY_ENGINE_OPTIONS=dict(engine_options(sqlite_url)),
        RATELIMIT_DEFAULT="3 per minute",
        RATELIMIT_STORAGE_URI="memory://",
        COMMENTBOX_DATA_DIR=tmp_path,
        COMMENTBOX_SECRET_KEY="known to every test",
        COMMENTBOX_POST_LIMIT="5 per minute",
    )
    if request.param == "before":
        CommentBox(app, url_prefix="/comments")
    db, article = _set_up(app)
    if request.param == "after":
        CommentBox(app, url_prefix="/comments")
    with app.app_context():
        db.create_all()
        add_site("blog", [ORIGIN])
    yield Host(app, db, article)
    with app.app_context():
        db.engine.dispose()


def _set_up(app: Flask) -> tuple[SQLAlchemy, type]:
    """Give the app a database, CSRF protection, limits, pages, a blueprint and error pages."""
    db = SQLAlchemy()

    class Article(db.Model):  # type: ignore[name-defined,misc]
        __tablename__ = "article"
        id: Mapped[int] = mapped_column(primary_key=True)
        title: Mapped[str]

    db.init_app(app)
    CSRFProtect(app)
    Limiter(get_remote_address, app=app)
    shop = Blueprint("shop", __name__, url_prefix="/shop")

    @app.get("/")
    def index() -> str:
        return "hello"

    @app.get("/form")
    def form() -> str:
        session["seen"] = session.get("seen", 0) + 1
        return generate_csrf()

    @app.post("/articles")
    def write() -> str:
        db.session.add(Article(title=request.form["title"]))
        db.session.commit()
        return "stored"

    @app.get("/a")
    def article() -> str:
        return render_template_string(ARTICLE, title="A")

    @app.get("/pending")
    def pending() -> str:
        db.session.add(Article(title="not committed"))
        db.session.flush()
        return render_template_string(ARTICLE, title="A")

    @shop.get("/missing")
    def missing() -> str:
        abort(404)

    app.register_blueprint(shop)
    app.register_error_handler(404, lambda _error: ("the host's own 404", 404))
    app.register_error_handler(429, lambda _error: ("the host's own 429", 429))
    app.register_error_handler(Exception, _answer)
    return db, Article


def _answer(error: Exception) -> ResponseReturnValue:
    return error if isinstance(error, HTTPException) else ("the host's own 500", 500)


def test_a_comment_is_posted_and_read_through_the_prefix(host: Host) -> None:
    assert host.comment().status_code == 202  # it comes without a ticket
    ticket = host.client.post(
        "/comments/api/v1/sites/blog/tickets", headers={"Origin": ORIGIN}
    ).json["ticket"]
    assert host.comment("With a ticket.", ticket=ticket).status_code in (201, 202)
    assert host.client.get("/comments/embed/blog/thread?page=/a").status_code == 200
    assert host.client.get("/embed/blog/thread?page=/a").status_code == 404


def test_a_host_that_reads_every_form_takes_none_away(host: Host) -> None:
    host.app.before_request(lambda: request.form.get("language") and None)
    sent = {"page": "/a", "text": "Well said!"}
    origin = {"Origin": ORIGIN}
    client = host.app.test_client()
    posted = client.post("/comments/api/v1/sites/blog/comments", data=sent, headers=origin)
    assert posted.status_code == 202, posted.text
    by_page = {**sent, "text": "Well said by all!", "email": "nowhere"}
    refused = client.post("/comments/sites/blog/thread", data=by_page, headers=origin)
    assert refused.status_code == 422
    assert "Well said by all!" in refused.text


def test_the_hosts_form_still_needs_its_token_and_works_with_it(host: Host) -> None:
    client = host.client
    assert client.post("/articles", data={"title": "forged"}).status_code == 400
    token = client.get("/form").text
    answer = client.post("/articles", data={"title": "mine", "csrf_token": token})
    assert answer.text == "stored"
    assert host.titles() == ["mine"]


def test_the_hosts_limits_count_its_own_requests_only(host: Host) -> None:
    for _ in range(10):
        assert host.client.get("/comments/healthz").status_code == 200
        assert host.client.get("/comments/embed/blog/thread?page=/a").status_code == 200
        assert host.client.get("/comments/dashboard/sign-in").status_code == 200
    assert [host.client.get("/").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert host.client.get("/").text == "the host's own 429"


def test_our_limits_count_our_requests_only(host: Host) -> None:
    for _ in range(4):
        host.client.get("/")
    statuses = [host.comment(f"Number {number}.").status_code for number in range(6)]
    assert statuses == [202] * 5 + [429]
    last = host.comment("One more.")
    assert last.json["code"] == "rate_limited"
    assert int(last.headers["Retry-After"]) > 0


def test_errors_of_each_are_answered_by_itself(host: Host) -> None:
    assert host.client.get("/shop/missing").text == "the host's own 404"
    assert host.client.get("/nowhere").text == "the host's own 404"
    answer = host.client.get("/comments/embed/shop/thread?page=/a")
    assert (answer.status_code, answer.json["code"]) == (404, "unknown_site")
    answer = host.client.post("/comments/api/v1/sites/blog/comments", data={"page": "/a"})
    assert (answer.status_code, answer.json["code"]) == (403, "origin_missing")


def test_the_thread_stands_in_the_hosts_template(host: Host) -> None:
    comment = _published(host, "In *your* page.")
    page = host.client.get("/a").text
    assert page.startswith("<h1>A</h1>")
    assert "In <em>your</em> page." in page
    assert f'id="comment-{comment}"' in page


def test_every_address_in_the_template_carries_the_prefix(host: Host) -> None:
    _published(host, "Hello.")
    page = host.client.get("/a").text
    addresses = re.findall(r'(?:href|src|action|formaction)="([^"#]+)', page)
    ours = [address for address in addresses if not address.startswith("http")]
    assert ours
    assert all(address.startswith("/comments/") for address in ours), ours
    for address in re.findall(r'(?:href|src)="(/[^"#]+)', page):
        assert host.client.get(html.unescape(address)).status_code == 200, address


def test_permalinks_and_redirects_carry_the_prefix(host: Host) -> None:
    answer = host.client.post(
        "/comments/sites/blog/thread",
        data={"page": "/a", "text": "Without the script."},
        headers={"Origin": ORIGIN},
    )
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/comments/sites/blog/thread?")
    feed = host.client.get("/comments/feeds/blog.atom").text
    assert "/comments/feeds/blog.atom" in feed


def test_a_pending_transaction_of_the_host_is_not_committed_by_ours(host: Host) -> None:
    _published(host, "Hello.")
    assert "Hello." in host.client.get("/pending").text
    assert host.titles() == []


def test_readers_get_no_cookie_from_us(host: Host) -> None:
    client = host.client
    client.post("/comments/api/v1/sites/blog/tickets", headers={"Origin": ORIGIN})
    for path in (
        "/comments/embed.js",
        "/comments/embed/blog/thread?page=/a",
        "/comments/sites/blog/thread?page=/a",
        "/comments/api/v1/sites/blog/thread?page=/a",
        "/a",
    ):
        assert "Set-Cookie" not in client.get(path).headers, path
    assert "Set-Cookie" not in host.comment().headers


def test_the_hosts_session_stays_as_it_was(host: Host) -> None:
    client = host.client
    client.get("/form")
    before = client.get_cookie("session")
    client.get("/comments/sites/blog/thread?page=/a")
    client.get("/comments/dashboard/sign-in")
    assert client.get_cookie("session") == before
    with client.session_transaction() as kept:
        assert kept["seen"] == 1


def test_our_tables_stand_beside_the_hosts_in_its_database(host: Host) -> None:
    with host.app.app_context():
        tables = set(inspect(host.db.engine).get_table_names())
        assert host.app.extensions["commentbox"].database.engine is host.db.engine
    assert {"article", "commentbox_comment"} <= tables


def test_the_host_can_create_and_drop_its_own_tables(host: Host) -> None:
    with host.app.app_context():
        host.db.drop_all()
        tables = set(inspect(host.db.engine).get_table_names())
    assert "article" not in tables
    assert "commentbox_comment" in tables


@pytest.mark.long
def test_our_commands_work_on_the_hosts_database(host: Host) -> None:
    with host.app.app_context():
        schema.downgrade(host.db.engine, "base")
    upgraded = run(host.app, "upgrade")
    assert upgraded.exit_code == 0, upgraded.output
    assert schema.newest_revision() in upgraded.output
    added = run(host.app, "site", "add", "shop", "--origin", "https://shop.example")
    assert added.exit_code == 0, added.output
    listed = run(host.app, "site", "list")
    assert "https://shop.example" in listed.output
    assert host.titles() == []


def test_before_the_upgrade_the_hosts_own_pages_work(host: Host) -> None:
    with host.app.app_context():
        schema.downgrade(host.db.engine, "base")
    assert host.client.get("/").text == "hello"
    assert host.client.get("/comments/readyz").status_code == 503
    assert host.client.get("/comments/embed/blog/thread?page=/a").status_code == 503


def test_two_apps_in_one_process_count_apart(sqlite_url: str, tmp_path: Path) -> None:
    apps = [_small_host(sqlite_url, tmp_path, limit="1 per minute") for _ in range(2)]
    with apps[0].app_context():
        add_site("blog", [ORIGIN])
    for app in apps:
        for status in (202, 429):
            answer = app.test_client().post(
                "/comments/api/v1/sites/blog/comments",
                data={"page": "/a", "text": f"Hello {status} from {id(app)}."},
                headers={"Origin": ORIGIN},
            )
            assert answer.status_code == status
    for app in apps:
        app.extensions["commentbox"].database.engine.dispose()


def test_an_app_without_a_database_gets_one(tmp_path: Path) -> None:
    app = _small_host("", tmp_path)
    with app.app_context():
        add_site("blog", [ORIGIN])
    assert app.test_client().get("/comments/embed/blog/thread?page=/a").status_code == 200
    assert (tmp_path / "commentbox.sqlite3").exists()
    app.extensions["commentbox"].database.engine.dispose()


def test_an_app_is_given_its_comments_later(tmp_path: Path) -> None:
    box = CommentBox()
    app = _plain_app(tmp_path)
    box.init_app(app, url_prefix="/talk")
    assert app.test_client().get("/talk/healthz").status_code == 200


@pytest.mark.long
@pytest.mark.parametrize("prefix", [None, "/talk", "/talk/", "/a/b"])
def test_a_prefix_may_be_any_path(tmp_path: Path, prefix: str | None) -> None:
    app = _plain_app(tmp_path)
    CommentBox(app, url_prefix=prefix)
    with app.app_context():
        add_site("blog", [ORIGIN])
    mount = (prefix or "").rstrip("/")
    page = app.test_client().get(f"{mount}/sites/blog/thread?page=/a")
    assert page.status_code == 200
    assert f'action="{mount}/sites/blog/thread' in page.text
    app.extensions["commentbox"].database.engine.dispose()


@pytest.mark.parametrize("prefix", ["talk", "https://example.org/talk", "/talk?a", "/<name>"])
def test_a_prefix_that_is_no_path_is_refused_with_what_is(tmp_path: Path, prefix: str) -> None:
    with pytest.raises(SetupError, match="/comments"):
        CommentBox(_plain_app(tmp_path), url_prefix=prefix)


def test_mounting_twice_is_refused(tmp_path: Path) -> None:
    app = _plain_app(tmp_path)
    CommentBox(app, url_prefix="/comments")
    with pytest.raises(SetupError, match="once"):
        CommentBox(app, url_prefix="/talk")


def test_an_unknown_setting_in_the_hosts_config_is_refused(tmp_path: Path) -> None:
    app = _plain_app(tmp_path)
    app.config["COMMENTBOX_SITE"] = "blog"
    with pytest.raises(SetupError, match="COMMENTBOX_SITE"):
        CommentBox(app)


def test_a_mistake_in_a_template_harms_nothing_but_shows_in_debug_mode(host: Host) -> None:
    with host.app.test_request_context("/a"):
        template = '<p>before</p>{{ comments(page="/a", site="nowhere") }}<p>after</p>'
        shown = render_template_string(template)
        assert shown.startswith("<p>before</p>")
        assert shown.endswith("<p>after</p>")
        host.app.debug = True
        with pytest.raises(Exception, match="nowhere"):
            render_template_string(template)


@pytest.mark.long
@pytest.mark.parametrize(
    "wrong",
    [
        "page=None",
        "page=5",
        "page='/a\\n'",
        "page='/a', site=5",
        "page='/a', sort='bogus'",
        "page='/a', heading='2'",
        "page='/a', heading=None",
        "page='/a', title=5",
    ],
)
def test_a_value_that_does_not_fit_harms_nothing(host: Host, wrong: str) -> None:
    with host.app.test_request_context("/a"):
        shown = render_template_string(f"<p>before</p>{{{{ comments({wrong}) }}}}<p>after</p>")
    assert shown == "<p>before</p><p>Comments cannot be shown at the moment.</p><p>after</p>"


def _plain_app(folder: Path) -> Flask:
    app = Flask("plain")
    app.config.update(COMMENTBOX_DATA_DIR=folder, COMMENTBOX_SECRET_KEY="known to every test")
    return app


def _small_host(url: str, folder: Path, limit: str = "") -> Flask:
    app = _plain_app(folder)
    app.config.update(COMMENTBOX_DATABASE_URL=url, COMMENTBOX_POST_LIMIT=limit)
    CommentBox(app, url_prefix="/comments")
    return app


def _published(host: Host, text: str) -> int:
    """Post a comment whose form was opened a while ago, and return its number."""
    with host.app.app_context():
        signatures = host.app.extensions["commentbox"].signatures
        ticket = signatures.ticket(Site(key="blog"), clock.now() - timedelta(minutes=1))
    answer = host.comment(text, ticket=ticket)
    assert answer.status_code == 201, answer.text
    number: int = answer.json["comment"]["id"]
    return number


def run(app: Flask, *arguments: str) -> Result:
    """Run a command as ``flask commentbox …`` does."""
    return CliRunner().invoke(commands, arguments, obj=ScriptInfo(create_app=lambda: app))
