"""Every public address of the service, in one table, put together for one app."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

from flask import Blueprint, Response, current_app, request
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from werkzeug.exceptions import HTTPException

from commentbox import clock
from commentbox.db import atomic
from commentbox.errors import CommentboxError, RateLimited, SetupError, Unavailable
from commentbox.models.network import forget_old_networks
from commentbox.web import api, assets, embed, feeds, health, mail, metrics, openapi, page
from commentbox.web.engine import current_engine
from commentbox.web.front import Front
from commentbox.web.limits import Limits
from commentbox.web.problems import (
    BUSY_RETRY_AFTER_SECONDS,
    http_answer,
    log_database_trouble,
    problem_answer,
)
from commentbox.web.sightings import Sightings, note_trouble

View = Callable[..., ResponseReturnValue]

SITE = "/api/v1/sites/<site_key>"
COMMENT = "/api/v1/comments/<int:comment_id>"

ROUTES: tuple[tuple[str, str, str, View], ...] = (
    ("GET", "/embed.js", "script", assets.script),
    ("GET", "/embed-more.js", "more_script", assets.more_script),
    ("GET", "/embed-<name>.js", "versioned_script", assets.versioned_script),
    ("GET", "/embed.css", "stylesheet", assets.stylesheet),
    ("GET", "/embed/<site_key>/thread", "thread_fragment", embed.thread_fragment),
    ("GET", "/sites/<site_key>/thread", "thread_page", page.thread_page),
    ("POST", "/sites/<site_key>/thread", "post_to_page", page.post_to_page),
    ("GET", f"{SITE}/thread", "thread_json", api.thread_json),
    ("GET", f"{SITE}/counts", "counts_json", api.counts_json),
    ("POST", f"{SITE}/tickets", "issue_ticket", api.issue_ticket),
    ("POST", f"{SITE}/comments", "post_comment", api.post_comment),
    ("POST", f"{COMMENT}/edit", "edit_comment", api.edit_comment),
    ("PATCH", COMMENT, "patch_comment", api.edit_comment),
    ("POST", f"{COMMENT}/delete", "delete_comment", api.delete_comment),
    ("DELETE", COMMENT, "delete_comment_by_method", api.delete_comment),
    ("POST", f"{COMMENT}/source", "comment_source", api.comment_source),
    ("POST", f"{COMMENT}/vote", "vote_on_comment", api.vote_on_comment),
    ("POST", f"{COMMENT}/report", "report_comment", api.report_comment),
    ("POST", "/api/v1/preview", "preview", api.preview),
    ("GET", "/api/v1/openapi.json", "openapi_document", openapi.openapi_document),
    ("GET", "/feeds/<site_key>.atom", "site_feed", feeds.site_feed),
    ("GET", "/feeds/<site_key>/thread.atom", "thread_feed", feeds.thread_feed),
    ("GET", "/healthz", "alive", health.alive),
    ("GET", "/readyz", "ready", health.ready),
    ("GET", "/metrics", "metrics", metrics.metrics),
)

READABLE = ("/embed", "/api/v1/", "/sites/", "/feeds/")
"""What the paths of answers that may be prepared begin with."""

HOSTED_PAGES = frozenset({"commentbox.thread_page", "commentbox.post_to_page"})
"""Endpoints whose problems are shown to a person, not to a program."""


def make_blueprint(limits: Limits, front: Front) -> Blueprint:
    """Return the public blueprint of one app, its limits and prepared answers in place."""
    blueprint = Blueprint("commentbox", "commentbox")
    limits.attach(blueprint)
    for method, rule, endpoint, view in (*ROUTES, *mail.ROUTES):
        limited = limits.limited(endpoint, view)
        blueprint.add_url_rule(rule, endpoint, limited, methods=[method])
    blueprint.url_value_preprocessor(_exempt_from_host_csrf)
    blueprint.before_request(front.begin)
    blueprint.before_request(Forgetting())
    blueprint.register_error_handler(CommentboxError, _answer_error)
    blueprint.register_error_handler(RateLimitExceeded, _answer_limit)
    blueprint.register_error_handler(DBAPIError, _answer_database_trouble)
    blueprint.register_error_handler(PoolExhausted, _answer_database_trouble)
    blueprint.register_error_handler(HTTPException, http_answer)
    # The last one added is the first one called: what is kept has all its headers.
    blueprint.after_request(front.finish)
    blueprint.after_request(limits.give_back)
    blueprint.after_request(_open_to_all_origins)
    blueprint.after_request(Sightings())
    return blueprint


FORGETTING_AGAIN_AFTER = timedelta(minutes=1)


class Forgetting:
    """Deletes the keys of old network tokens, once a day and on whatever request comes first.

    Writers do so, too; but a blog on which nobody writes must forget as well. No request waits or
    fails for it: where it cannot be done now, a later one tries again.
    """

    def __init__(self, again_after: timedelta = FORGETTING_AGAIN_AFTER) -> None:
        self._due_at = datetime.min.replace(tzinfo=UTC)
        self._again_after = again_after

    def __call__(self) -> None:
        """Do it unless it was done today; whether the process lives can be asked without."""
        now = clock.now()
        if request.endpoint == "commentbox.alive" or now < self._due_at:
            return
        self._due_at = now + self._again_after
        try:
            with atomic(patience_seconds=0) as session:
                forget_old_networks(session, now.date())
        except (CommentboxError, SQLAlchemyError):
            return  # a database that stays unfit is told by whoever needs it
        self._due_at = datetime.combine(now.date() + timedelta(days=1), time(), UTC)


def _answer_error(error: CommentboxError) -> Response:
    if isinstance(error, SetupError):
        current_app.logger.error("commentbox is not set up: %s", error)
    note_trouble(error)
    answer = _problem_for(request.endpoint)(error)
    if isinstance(error, Unavailable | SetupError):
        answer.headers["Retry-After"] = str(BUSY_RETRY_AFTER_SECONDS)
    return answer


def _problem_for(endpoint: str | None) -> Callable[[CommentboxError], Response]:
    if endpoint in mail.ENDPOINTS:
        return mail.mail_problem
    return page.page_problem if endpoint in HOSTED_PAGES else problem_answer


def _answer_limit(_breach: RateLimitExceeded) -> Response:
    seconds = current_engine().limits.seconds_to_wait()
    answer = _answer_error(RateLimited())
    answer.headers["Retry-After"] = str(seconds)
    return answer


def _answer_database_trouble(error: SQLAlchemyError) -> Response:
    log_database_trouble(error)
    return _answer_error(Unavailable())


def _open_to_all_origins(answer: Response) -> Response:
    # What readers see is public and no cookie is in play: the Origin check guards the writes.
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Access-Control-Expose-Headers"] = "Retry-After"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    if request.method == "OPTIONS":
        _let_browsers_send(answer)
    return answer


def _let_browsers_send(answer: Response) -> None:
    """Let pages send JSON, PATCH and DELETE; whether a write is taken is decided on the write."""
    answer.headers["Access-Control-Allow-Methods"] = answer.headers.get("Allow", "")
    answer.headers["Access-Control-Allow-Headers"] = "Content-Type, Idempotency-Key"
    answer.headers["Access-Control-Max-Age"] = "86400"


def _exempt_from_host_csrf(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Keep a host app's own CSRFProtect off our requests; it runs right after this.

    It would ask readers of other origins for a token of the host's session. Done at each request
    because the host may add its protection before or after us.
    """
    if (protection := current_app.extensions.get("csrf")) is not None:
        protection.exempt(current_app.blueprints["commentbox"])
