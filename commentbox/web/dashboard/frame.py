"""What all pages of the dashboard share: addresses, the frame around them, problems, style and script.

The sections beside every page are listed in navigation.py.
"""

import hashlib
from datetime import datetime
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import Any, cast
from urllib.parse import unquote, urlencode, urlsplit

from babel.dates import format_timedelta
from flask import Response, request, url_for
from werkzeug.exceptions import HTTPException

from commentbox import clock
from commentbox.db import session
from commentbox.errors import CommentboxError, Malformed, TooLarge
from commentbox.i18n import LANGUAGE_NAMES, LANGUAGES
from commentbox.models import Moderator
from commentbox.reading.basis import NOTHING
from commentbox.reading.queue import count_held
from commentbox.web.caching import cached
from commentbox.web.dashboard import navigation
from commentbox.web.dashboard.forms import form_token
from commentbox.web.dashboard.visit import current_moderator, is_signed_in
from commentbox.web.problems import asked_language, sentence, status_of
from commentbox.web.rendering import render_template

NAME = "commentbox_dashboard"
MAX_BODY_KILOBYTES = 64


def address(endpoint: str, **values: object) -> str:
    """Return the path of a page of the dashboard, in the language that was asked for, if one was."""
    asked = request.args.get("lang")
    chosen = asked if asked in LANGUAGES else None
    values = {"lang": chosen, **values}
    return url_for(f"{NAME}.{endpoint}", **cast(dict[str, Any], values))


def inside(wanted: str) -> str:
    """Return a path as it came if it leads to a page of the dashboard, else the queue's."""
    home = url_for(f"{NAME}.queue")
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return address("queue")
    path = unquote(parts.path)
    leads_out = parts.scheme or parts.netloc or not path.startswith(home)
    # Browsers read “\” as “/”, drop line ends, and walk up at “..”.
    is_odd = "\\" in wanted or ".." in path or "//" in path or not wanted.isprintable()
    return address("queue") if leads_out or is_odd else wanted


def show(template: str, status: int = HTTPStatus.OK, **context: object) -> Response:
    """Return a page of the dashboard, e.g. ``show("queue.html", view=…)``."""
    tongue = asked_language()
    moderator = current_moderator() if is_signed_in() else None
    page = render_template(
        f"dashboard/{template}",
        tongue,
        address=address,
        ago=_ago,
        token=form_token(),
        moderator=moderator,
        asked_lang=request.args.get("lang") if request.args.get("lang") in LANGUAGES else None,
        **(_beside(moderator) if moderator else {}),
        languages=[(code, name, _same_page(code)) for code, name in LANGUAGE_NAMES.items()],
        **context,
    )
    return Response(page, status)


def _beside(moderator: Moderator) -> dict[str, object]:
    """Return what the navigation shows."""
    return {
        "sections": navigation.entries(moderator),
        "waiting": count_held(session(), moderator),
    }


def problem_page(error: CommentboxError) -> Response:
    """Return an error as a page that leads back to the queue."""
    detail = sentence(error, asked_language())
    return show("problem.html", status_of(error).value, detail=detail)


def http_problem(error: HTTPException) -> Response:
    """Return Flask's own errors, e.g. 413 for a body that is too large, as a page."""
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return problem_page(TooLarge(max_kilobytes=MAX_BODY_KILOBYTES))
    kind = Malformed if status < HTTPStatus.INTERNAL_SERVER_ERROR else CommentboxError
    return show("problem.html", status, detail=asked_language().gettext(kind.message))


def stylesheet() -> Response:
    """``GET /dashboard/dashboard.css``"""
    return _static("dashboard.css", "text/css")


def script() -> Response:
    """``GET /dashboard/dashboard.js``"""
    return _static("dashboard.js", "text/javascript")


def looks_script() -> Response:
    """``GET /dashboard/looks.js``"""
    return _static("looks.js", "text/javascript")


def _static(name: str, mimetype: str) -> Response:
    content = _content(name)
    digest = hashlib.sha256(content).hexdigest()[:20]
    return cached(content, digest, mimetype, NOTHING, "private, no-cache")


@cache
def _content(name: str) -> bytes:
    return files(__package__).joinpath("static", name).read_bytes()


def _ago(moment: datetime) -> str:
    """Return how long ago something was, in words: ``"3 hours ago"``."""
    return format_timedelta(
        moment - clock.now(), add_direction=True, granularity="minute", locale=asked_language().code
    )


def _same_page(code: str) -> str:
    """Return where this page is in another language."""
    if request.method != "GET" or request.endpoint is None:
        return url_for(f"{NAME}.queue", lang=code)
    query = {**request.args.to_dict(), "lang": code}
    # Parameters of the reader's own making are no keywords of url_for.
    return f"{url_for(request.endpoint, **(request.view_args or {}))}?{urlencode(query)}"
