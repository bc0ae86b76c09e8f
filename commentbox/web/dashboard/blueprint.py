"""Every address of the dashboard in one table, and the guard that stands in front of all of them."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, current_app, request
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as WerkzeugResponse

from commentbox import clock
from commentbox.errors import CommentboxError, Unavailable, Unknown
from commentbox.i18n import LANGUAGES
from commentbox.web.dashboard import (
    account,
    bans,
    bulk,
    comment,
    endpoints,
    invitation,
    log,
    looks,
    mail,
    members,
    numbers,
    person,
    queue,
    reset,
    session,
    sites,
    threads,
    visit,
)
from commentbox.web.dashboard.finding import require_possible
from commentbox.web.dashboard.forms import require_token, require_writable
from commentbox.web.dashboard.frame import (
    MAX_BODY_KILOBYTES,
    NAME,
    http_problem,
    looks_script,
    problem_page,
    script,
    stylesheet,
)
from commentbox.web.dashboard.import_runs import MAX_UPLOAD_MEGABYTES
from commentbox.web.engine import current_engine
from commentbox.web.limits import Limits
from commentbox.web.problems import log_database_trouble, speak

COMMENT = "/comments/<int:comment_id>"
THREAD = "/threads/<int:thread_id>"
ENDPOINT = "/endpoints/<int:endpoint_id>"
SITE = "/sites/<key>"


def _importing(name: str) -> Callable[..., Any]:
    """Return a function of ``importing``, which is loaded when it is called.

    What it needs to read other engines' files takes 70 ms and 4 MiB, in every process that serves.
    """

    def call(*arguments: object, **named: object) -> Any:
        from commentbox.web.dashboard import importing

        return getattr(importing, name)(*arguments, **named)

    return call


ROUTES: tuple[tuple[str, str, str, Callable[..., ResponseReturnValue]], ...] = (
    ("GET", "/", "queue", queue.queue),
    ("GET", COMMENT, "comment", comment.comment),
    ("POST", f"{COMMENT}/decision", "decide_on_comment", queue.decide_on_comment),
    ("POST", f"{COMMENT}/keep", "keep_comment", queue.keep_comment),
    ("POST", f"{COMMENT}/answer", "answer_comment", comment.answer_comment),
    ("POST", f"{COMMENT}/edit", "edit_comment", comment.edit_comment),
    ("POST", f"{COMMENT}/pin", "pin_comment", comment.pin_comment),
    ("POST", f"{COMMENT}/unpin", "unpin_comment", comment.unpin_comment),
    ("GET", f"{COMMENT}/purge", "purge_page", comment.purge_page),
    ("POST", f"{COMMENT}/purge", "purge_comment", comment.purge_comment),
    ("POST", "/decisions/<int:decision_id>/undo", "undo_decision", queue.undo_decision),
    ("GET", "/log", "log", log.log),
    ("GET", "/log/threads", "thread_log", log.thread_log),
    ("GET", "/threads", "threads", threads.threads),
    ("GET", THREAD, "thread", threads.thread),
    ("POST", f"{THREAD}/open", "open_or_close", threads.open_or_close),
    ("POST", f"{THREAD}/move", "move_thread", threads.move_thread),
    ("POST", f"{THREAD}/describe", "describe_thread", threads.describe_thread),
    ("GET", f"{THREAD}/merge", "merge_page", threads.merge_page),
    ("POST", f"{THREAD}/merge", "merge_thread", threads.merge_thread),
    ("POST", f"{THREAD}/aliases/remove", "remove_alias", threads.remove_alias),
    (
        "POST",
        "/thread-decisions/<int:decision_id>/undo",
        "undo_thread_decision",
        threads.undo_thread_decision,
    ),
    ("GET", "/numbers", "numbers", numbers.numbers),
    ("GET", "/bulk", "preview_bulk", bulk.preview_bulk),
    ("POST", "/bulk", "decide_on_all", bulk.decide_on_all),
    ("POST", "/bulk/ticked", "decide_on_ticked", bulk.decide_on_ticked),
    ("GET", "/endpoints", "endpoints", endpoints.endpoints),
    ("POST", "/endpoints", "add_endpoint", endpoints.add_endpoint),
    ("GET", ENDPOINT, "endpoint", endpoints.endpoint),
    ("POST", ENDPOINT, "change_endpoint", endpoints.change_endpoint),
    ("POST", f"{ENDPOINT}/test", "test_endpoint", endpoints.test_endpoint),
    ("POST", f"{ENDPOINT}/rotate", "rotate_secret", endpoints.rotate_secret),
    ("POST", f"{ENDPOINT}/switch", "switch_endpoint", endpoints.switch_endpoint),
    ("POST", f"{ENDPOINT}/replay", "replay_endpoint", endpoints.replay_endpoint),
    ("POST", f"{ENDPOINT}/remove", "remove_endpoint", endpoints.remove_endpoint),
    ("GET", "/endpoints/deliveries/<int:delivery_id>", "delivery", endpoints.delivery),
    (
        "POST",
        "/endpoints/deliveries/<int:delivery_id>/replay",
        "replay_delivery",
        endpoints.replay_delivery,
    ),
    ("GET", "/mail", "mail", mail.mail),
    ("POST", "/mail", "choose_mail", mail.choose_mail),
    ("GET", "/sign-in", "sign_in_page", session.sign_in_page),
    ("POST", "/sign-in", "sign_in", session.sign_in),
    ("GET", "/sign-in/code", "code_page", session.code_page),
    ("POST", "/sign-in/code", "sign_in_with_code", session.sign_in_with_code),
    ("POST", "/sign-out", "sign_out", session.sign_out),
    ("GET", "/reset", "ask_reset_page", reset.ask_reset_page),
    ("POST", "/reset", "ask_reset", reset.ask_reset),
    ("GET", "/reset/<token>", "reset_page", reset.reset_page),
    ("POST", "/reset/<token>", "reset_password", reset.reset_password),
    ("GET", "/invitations/<token>", "invitation_page", invitation.invitation_page),
    ("POST", "/invitations/<token>", "accept_invitation", invitation.accept_invitation),
    ("GET", "/account", "account_page", account.account_page),
    ("POST", "/account/password", "change_own_password", account.change_own_password),
    ("POST", "/account/sessions", "end_other_sessions", account.end_other_sessions),
    ("GET", "/account/second-factor", "second_factor_page", account.second_factor_page),
    ("POST", "/account/second-factor", "set_up_second_factor", account.set_up_second_factor),
    (
        "POST",
        "/account/second-factor/off",
        "take_off_second_factor",
        account.take_off_second_factor,
    ),
    ("POST", "/account/recovery-codes", "renew_recovery_codes", account.renew_recovery_codes),
    ("GET", "/sites", "sites", sites.sites),
    # No site can have this key: one called “new” has its pages, too.
    ("GET", "/sites/_new", "new_site_page", sites.new_site_page),
    ("POST", "/sites/_new", "create_site", sites.create_site),
    ("GET", f"{SITE}", "site_page", sites.site_page),
    ("POST", f"{SITE}/origins", "set_site_origins", sites.set_site_origins),
    ("GET", f"{SITE}/settings", "settings_page", sites.settings_page),
    ("POST", f"{SITE}/settings", "set_settings", sites.set_settings),
    ("GET", f"{SITE}/looks", "looks_page", looks.looks_page),
    ("POST", f"{SITE}/looks", "set_site_looks", looks.set_site_looks),
    ("GET", f"{SITE}/preview", "preview", looks.preview),
    ("GET", f"{SITE}/members", "members_page", members.members_page),
    ("POST", f"{SITE}/members", "invite_member", members.invite_member),
    ("POST", f"{SITE}/members/<int:membership_id>", "change_member", members.change_member),
    (
        "POST",
        f"{SITE}/invitations/<int:invitation_id>/withdraw",
        "withdraw_invitation",
        members.withdraw_invitation,
    ),
    ("GET", f"{SITE}/bans", "bans_page", bans.bans_page),
    ("POST", f"{SITE}/bans", "ban", bans.ban),
    ("POST", f"{SITE}/bans/<int:ban_id>/lift", "lift_ban", bans.lift_ban),
    ("GET", f"{SITE}/import", "import_page", _importing("import_page")),
    ("POST", f"{SITE}/import", "upload_import", _importing("upload_import")),
    ("POST", f"{SITE}/import/start", "start_import", _importing("start_import")),
    ("GET", f"{SITE}/person", "person_page", person.person_page),
    ("POST", f"{SITE}/person", "find_person", person.find_person),
    ("POST", f"{SITE}/person/erase", "erase_data", person.erase_data),
    ("GET", "/looks.js", "looks_script", looks_script),
    ("GET", "/dashboard.css", "stylesheet", stylesheet),
    ("GET", "/dashboard.js", "script", script),
)

OPEN_TO_ALL = frozenset(
    {
        "sign_in_page",
        "sign_in",
        "code_page",
        "sign_in_with_code",
        "ask_reset_page",
        "ask_reset",
        "reset_page",
        "reset_password",
        "invitation_page",
        "accept_invitation",
        "stylesheet",
        "script",
        "looks_script",
    }
)
"""Endpoints that need no signed-in moderator; all others are shut to everybody else."""

UPLOAD = "upload_import"
"""The one endpoint that takes a large body."""

SHOWN_AGAIN: Mapping[str, Callable[[CommentboxError], Response]] = {
    "sign_in": session.sign_in_again,
    "sign_in_with_code": session.code_again,
    "ask_reset": reset.ask_reset_again,
    "reset_password": reset.reset_again,
    "accept_invitation": invitation.invitation_again,
    "change_own_password": account.account_again,
    "take_off_second_factor": account.account_again,
    "renew_recovery_codes": account.account_again,
    "set_up_second_factor": account.second_factor_again,
    "create_site": sites.new_site_again,
    "set_site_origins": sites.site_again,
    "set_settings": sites.settings_again,
    "set_site_looks": looks.looks_again,
    "invite_member": members.members_again,
    "change_member": members.members_again,
    "ban": bans.bans_again,
    "upload_import": _importing("import_again"),
}
"""Endpoints whose form is shown again when it cannot be accepted, with what was typed and why."""

HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
        "img-src 'self'; frame-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    # What the blogs see of a moderator who follows a link is not where the dashboard is.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def make_dashboard(limits: Limits) -> Blueprint:
    """Return the dashboard's blueprint of one app, its limits in place."""
    blueprint = Blueprint(NAME, __name__)
    blueprint.url_value_preprocessor(_prepare)
    limits.attach(blueprint)
    blueprint.before_request(_guard)
    for method, rule, endpoint, view in ROUTES:
        blueprint.add_url_rule(rule, endpoint, limits.limited(endpoint, view), methods=[method])
    blueprint.register_error_handler(CommentboxError, _answer_error)
    blueprint.register_error_handler(RateLimitExceeded, _answer_limit)
    blueprint.register_error_handler(DBAPIError, _answer_database_trouble)
    blueprint.register_error_handler(PoolExhausted, _answer_database_trouble)
    blueprint.register_error_handler(HTTPException, http_problem)
    blueprint.after_request(_finish)
    return blueprint


def _prepare(_endpoint: str | None, _values: dict[str, object] | None) -> None:
    """Choose the language, bound the body, and keep a host app's own CSRFProtect off.

    Its token belongs to the host's session; the dashboard asks for one of its own. Done at each
    request because the host may add its protection before or after us.
    """
    speak(request.args.get("lang"), request.accept_languages.best_match(LANGUAGES, "en") or "en")
    if (protection := current_app.extensions.get("csrf")) is not None:
        protection.exempt(current_app.blueprints[NAME])
    if request.endpoint == f"{NAME}.{UPLOAD}":
        # Read only once the guard knows that a moderator sends it.
        request.max_content_length = MAX_UPLOAD_MEGABYTES * 1024 * 1024
        return
    request.max_content_length = MAX_BODY_KILOBYTES * 1024
    # Read before the limits look at it: what raises there counts as a storage that is down.
    request.form  # noqa: B018


def _guard() -> WerkzeugResponse | None:
    """Let a request through to its view, or answer it: every view relies on this."""
    visit.recognise(clock.now())
    endpoint = (request.endpoint or "").rpartition(".")[2]
    if endpoint not in OPEN_TO_ALL and not visit.is_signed_in():
        return session.ask_to_sign_in()
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        require_token()
        require_writable()
    require_possible(request.view_args or {})
    return None


def _finish(answer: Response) -> Response:
    visit.write_cookies(answer, clock.now())
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    return current_engine().front.finish(answer)


def _answer_error(error: CommentboxError) -> Response:
    show_again = SHOWN_AGAIN.get((request.endpoint or "").rpartition(".")[2])
    if show_again is None or isinstance(error, Unknown):
        return problem_page(error)
    try:
        return show_again(error)
    except CommentboxError:  # the form is not for them, or not there any more
        return problem_page(error)


def _answer_limit(_breach: RateLimitExceeded) -> Response:
    seconds = current_engine().limits.seconds_to_wait()
    answer = _answer_error(session.TooManySignIns())
    answer.headers["Retry-After"] = str(seconds)
    return answer


def _answer_database_trouble(error: SQLAlchemyError) -> Response:
    log_database_trouble(error)
    return _answer_error(Unavailable())
