"""The hosted page: a thread with a plain form, for readers without the script and for links in mails."""

import hashlib
import secrets
from base64 import b64encode
from dataclasses import replace
from functools import partial
from http import HTTPStatus

from flask import Response, redirect, request, url_for
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response as WerkzeugResponse

from commentbox import clock
from commentbox.db import session
from commentbox.errors import (
    CommentboxError,
    FieldError,
    IdempotencyKeyReused,
    InvalidFields,
    ThreadClosed,
)
from commentbox.i18n import Language
from commentbox.models import Comment, Site, State, Thread
from commentbox.origins import origin_of
from commentbox.reading.view import CommentView, FormView
from commentbox.web.api import accept, require_writer
from commentbox.web.comment_list import HOLE, parts
from commentbox.web.engine import current_engine
from commentbox.web.finding import comment_or_404, site_or_404
from commentbox.web.front import rests_on
from commentbox.web.identity import Signatures
from commentbox.web.links import hosted_path
from commentbox.web.parse import (
    COMMENT_FIELDS,
    Fields,
    PageFields,
    cancels_reply,
    read_fields,
    read_page,
    read_parameters,
    typed_values,
)
from commentbox.web.problems import (
    VISIBLE_FIELDS,
    asked_language,
    speak,
    status_of,
    whole_sentence,
)
from commentbox.web.rendering import render_template, thread_bytes
from commentbox.web.showing import (
    asked_place,
    shown_comment,
    shown_thread,
    thread_etag,
    thread_of_page,
    thread_to_show,
)
from commentbox.web.snippet import colour_rule

NO_PAGE = FieldError(
    "page",
    "required",
    "This address does not say which page's comments it is about: go back to that page and follow "
    "its link once more.",
)

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)

OWN_PARAMETERS = frozenset({"posted", "waiting", "reply_to"})
"""With one of these a page is somebody's: it tells what became of a comment, or answers one."""

OWN = secrets.token_hex(16)
"""Stands for what each who asks gets for themselves; nobody can know and type it."""

COLOURS_OF_LIGHT = "@media (prefers-color-scheme: light) {{ {rule} }}"
"""An owner chooses colours for the blog; where a reader wants it dark they might hide the words."""


def thread_page(site_key: str) -> Response:
    """``GET /sites/{site}/thread``"""
    site = site_or_404(site_key)
    tongue = speak(request.args.get("lang"), site.language)
    asked = read_parameters(request)
    fields = _with_referring_page(asked, site)
    if not (fields.values.get("page") or fields.values.get("url")):
        raise InvalidFields(NO_PAGE)
    page = read_page(fields, site)
    if fields is asked and not OWN_PARAMETERS & asked.values.keys():
        return _page_for_all(site, page, fields, tongue)
    thread = thread_of_page(site, page)
    parent = _parent(thread, fields)
    waiting = _waiting(thread, request.args.get("waiting", ""))
    form = replace(
        _fresh_form(site, parent, waiting),
        notice=_notice(thread, fields, waiting, tongue),
        problem=_lost_parent(fields, parent, tongue),
    )
    return _page(site, thread, page, _where_answered(fields, parent), form, tongue)


def _page_for_all(site: Site, page: PageFields, fields: Fields, tongue: Language) -> Response:
    """Return the page as it is kept for everybody, all but its end: the form's ticket and key are one's own."""
    thread, basis = thread_to_show(site, page)
    form = FormView(ticket=OWN, idempotency_key=OWN)
    answer = _page(site, thread, page, fields, form, tongue)
    answer.vary.add("Accept-Encoding")
    body, *behind = answer.get_data().split(OWN.encode())
    if behind:
        answer.set_data(body)
        rests_on(basis, partial(_end_of_page, current_engine().signatures, site, *behind))
    else:  # a closed thread has no form
        answer.set_etag(thread_etag(site, thread), weak=True)
        rests_on(basis)
    return answer


def _end_of_page(signatures: Signatures, site: Site, between: bytes, behind: bytes) -> bytes:
    # Neither needs to be escaped: both are of letters, digits, “.”, “-” and “_”.
    ticket, key = signatures.ticket(site, clock.now()), _fresh_key()
    return b"".join((ticket.encode(), between, key.encode(), behind))


def post_to_page(site_key: str) -> WerkzeugResponse:
    """``POST /sites/{site}/thread``: 303 to the comment, or the page again with what was typed.

    With the parameter ``cancel`` nothing is posted: the page with the form back in its ordinary place.
    """
    site = site_or_404(site_key)
    speak(None, site.language)
    require_writer(site)
    fields = read_fields(request, COMMENT_FIELDS)
    tongue = speak(fields.values.get("lang"), site.language)
    page = read_page(fields, site)
    if cancels_reply(request):
        return _form_at_home(site, page, typed_values(request), tongue)
    comment = accept(site, fields)
    query = {"lang": tongue.code, "comment": str(comment.id), "posted": "1"}
    if not comment.is_published:
        query["waiting"] = current_engine().signatures.waiting_token(comment)
    address = hosted_path(site, page.key, **query)
    return redirect(f"{address}#comment-{comment.id}", HTTPStatus.SEE_OTHER)


def _form_at_home(
    site: Site, page: PageFields, typed: dict[str, str], tongue: Language
) -> Response:
    """Show the thread where the answered comment stands, and below it the form with what was typed."""
    thread = thread_of_page(site, page)
    if not _is_open(site, thread):
        raise ThreadClosed
    answered = _parent(thread, Fields({"reply_to": typed.get("parent", "")}))
    place = _where_answered(read_parameters(request), answered)
    return _page(site, thread, page, place, _typed_form(typed), tongue)


def page_problem(error: CommentboxError) -> Response:
    """Return the page again with what was typed and what went wrong, or a page that hands it back."""
    status, typed = status_of(error), typed_values(request)
    try:
        return _typed_again(error, typed, status)
    except (CommentboxError, SQLAlchemyError):
        return _problem_page(error, typed, status)


def _typed_again(error: CommentboxError, typed: dict[str, str], status: HTTPStatus) -> Response:
    site = site_or_404((request.view_args or {})["site_key"])
    tongue = speak(typed.get("lang") or request.args.get("lang"), site.language)
    fields = Fields(typed)
    page = read_page(fields, site)
    thread = thread_of_page(site, page)
    if not _is_open(site, thread):
        # A closed thread is shown without a form, and so without what was typed.
        return _problem_page(error, typed, status, hosted_path(site, page.key, lang=tongue.code))
    parent = _parent(thread, Fields({"reply_to": typed.get("parent", "")}))
    form = replace(
        _typed_form(typed),
        errors=tuple(e for e in _field_errors(error) if e.field in VISIBLE_FIELDS),
        problem=whole_sentence(error, tongue, shown_at_fields=VISIBLE_FIELDS),
        reply_to=parent.id if parent else None,
        reply_to_name=shown_comment(parent).name if parent else None,
        idempotency_key=_key_for_the_next_try(error, typed),
    )
    answer = _page(site, thread, page, _where_answered(Fields({}), parent), form, tongue)
    answer.status_code = status.value
    return answer


def _typed_form(typed: dict[str, str]) -> FormView:
    return FormView(
        values={name: typed.get(name, "") for name in (*VISIBLE_FIELDS, "notify")},
        # The old ticket still says when the form was opened, the old key that it is the same comment.
        ticket=typed.get("ticket", ""),
        proof=typed.get("proof", ""),
        idempotency_key=typed.get("idempotency_key", ""),
    )


def _is_open(site: Site, thread: Thread | None) -> bool:
    return site.is_open and (thread is None or thread.is_open)


def _key_for_the_next_try(error: CommentboxError, typed: dict[str, str]) -> str:
    # After the browser's way back the form holds the key of the comment that was sent by it.
    is_used_up = isinstance(error, IdempotencyKeyReused)
    return _fresh_key() if is_used_up else typed.get("idempotency_key", "")


def _problem_page(
    error: CommentboxError, typed: dict[str, str], status: HTTPStatus, back: str | None = None
) -> Response:
    tongue = asked_language()
    problem = {
        "title": tongue.gettext("This did not work"),
        "detail": whole_sentence(error, tongue, shown_at_fields=frozenset()),
        "typed": typed.get("text", ""),
        "back": back,
    }
    answer = Response(
        render_template(
            "problem.html", tongue, problem=problem, stylesheet=asset_path("stylesheet")
        ),
        status.value,
    )
    return _guarded(answer)


def _page(
    site: Site,
    thread: Thread | None,
    page: PageFields,
    fields: Fields,
    form: FormView,
    tongue: Language,
) -> Response:
    place = asked_place(fields)
    view = shown_thread(site, thread, page, place)
    rule = colour_rule(site)
    style = COLOURS_OF_LIGHT.format(rule=rule) if rule else ""
    before, behind = parts(
        render_template(
            "page.html",
            tongue,
            thread=view,
            fragment=HOLE,
            stylesheet=asset_path("stylesheet"),
            style=Markup(style),  # of names and hexadecimal digits that we put together ourselves
            script=asset_path("script"),
        )
    )
    answer = Response(b"".join((before, thread_bytes(view, form, tongue), behind)))
    return _guarded(answer, style)


def asset_path(endpoint: str) -> str:
    return url_for(f"commentbox.{endpoint}")


def _guarded(answer: Response, style: str = "") -> Response:
    """Let the answer do nothing but what it was made for; ``style`` is what it says within itself."""
    policy = CONTENT_SECURITY_POLICY
    if style:
        digest = b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
        policy = policy.replace("style-src 'self'", f"style-src 'self' 'sha256-{digest}'")
    answer.headers["Content-Security-Policy"] = policy
    answer.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
    # Not no-store: coming back by the browser's button, readers find what they had typed.
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def _fresh_form(site: Site, parent: Comment | None, waiting: CommentView | None) -> FormView:
    now = clock.now()
    return FormView(
        reply_to=parent.id if parent else None,
        reply_to_name=shown_comment(parent).name if parent else None,
        ticket=current_engine().signatures.ticket(site, now),
        idempotency_key=_fresh_key(),
        waiting=waiting,
    )


def _fresh_key() -> str:
    return secrets.token_urlsafe(24)


def _parent(thread: Thread | None, fields: Fields) -> Comment | None:
    """Return the comment that the form shall answer, if readers can see it in this thread."""
    try:
        number = fields.number("reply_to")
        comment = comment_or_404(number) if thread and number and number > 0 else None
    except CommentboxError:
        return None
    is_possible = comment and thread and comment.thread_id == thread.id and comment.is_published
    return comment if is_possible else None


def _lost_parent(fields: Fields, parent: Comment | None, tongue: Language) -> str | None:
    """Say that the comment to be answered is gone, lest the reply is posted as one of its own."""
    is_asked_for = fields.values.get("reply_to") and parent is None
    if not is_asked_for:
        return None
    return tongue.gettext(
        "The comment you wanted to answer is not there any more: what you write here stands on its own."
    )


def _notice(
    thread: Thread | None, fields: Fields, waiting: CommentView | None, tongue: Language
) -> str | None:
    """Say what became of the comment that was just posted."""
    if not fields.values.get("posted") or thread is None:
        return None
    if waiting is not None:
        return tongue.gettext(
            "Your comment is waiting for moderation. Until then only you can see it."
        )
    shown = _parent(thread, Fields({"reply_to": fields.values.get("comment")}))
    return tongue.gettext("Your comment is published.") if shown else None


def _where_answered(fields: Fields, parent: Comment | None) -> Fields:
    """Show the page of the thread that holds the comment which the form answers."""
    return Fields({**fields.values, "comment": str(parent.id)}) if parent else fields


def _waiting(thread: Thread | None, token: str) -> CommentView | None:
    number = current_engine().signatures.waiting_comment_id(token) if token and thread else None
    if number is None or thread is None:
        return None
    comment = session().get(Comment, number)
    if comment is None or comment.thread_id != thread.id or comment.state != State.HELD:
        return None
    return shown_comment(comment)


def _with_referring_page(fields: Fields, site: Site) -> Fields:
    """Take the page that linked here where none is named: the <noscript> link needs no address."""
    if fields.values.get("page") or fields.values.get("url"):
        return fields
    referrer = request.headers.get("Referer", "")
    is_own = site.has_origin(origin_of(referrer) or "")
    return Fields({**fields.values, "url": referrer if is_own else ""})


def _field_errors(error: CommentboxError) -> tuple[FieldError, ...]:
    return error.errors if isinstance(error, InvalidFields) else ()
