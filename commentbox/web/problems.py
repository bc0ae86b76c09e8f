"""Errors as readers and clients see them: the one table of status codes, and problem+json (RFC 9457)."""

import json
from collections.abc import Collection, Mapping
from http import HTTPStatus

from flask import Response, current_app, g, request
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from werkzeug.exceptions import HTTPException

from commentbox.errors import (
    CommentboxError,
    EditRefused,
    FieldError,
    IdempotencyKeyReused,
    InvalidFields,
    Malformed,
    RateLimited,
    Refused,
    SetupError,
    ThreadClosed,
    TooLarge,
    Unavailable,
    Unknown,
    UnsupportedType,
)
from commentbox.i18n import LANGUAGES, SOURCE, Language, language
from commentbox.web.parse import sent_language

STATUS: Mapping[type[CommentboxError], HTTPStatus] = {
    Malformed: HTTPStatus.BAD_REQUEST,
    EditRefused: HTTPStatus.FORBIDDEN,
    Refused: HTTPStatus.FORBIDDEN,
    Unknown: HTTPStatus.NOT_FOUND,
    ThreadClosed: HTTPStatus.CONFLICT,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    UnsupportedType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    InvalidFields: HTTPStatus.UNPROCESSABLE_ENTITY,
    IdempotencyKeyReused: HTTPStatus.UNPROCESSABLE_ENTITY,
    SetupError: HTTPStatus.SERVICE_UNAVAILABLE,
    RateLimited: HTTPStatus.TOO_MANY_REQUESTS,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}

BUSY_RETRY_AFTER_SECONDS = 2


VISIBLE_FIELDS = frozenset({"text", "name", "email", "website"})
"""The fields of the form that people see, and see errors at."""


def status_of(error: CommentboxError) -> HTTPStatus:
    """Return the status code of an error."""
    return status_of_kind(type(error))


def status_of_kind(kind: type[CommentboxError]) -> HTTPStatus:
    """Return the status code of a class of errors."""
    return next(STATUS[ancestor] for ancestor in kind.__mro__ if ancestor in STATUS)


def problem_answer(error: CommentboxError) -> Response:
    """Return an error as problem+json in the language the request asks for."""
    status, tongue = status_of(error), asked_language()
    problem: dict[str, object] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "code": error.code,
        "detail": whole_sentence(error, tongue, shown_at_fields=VISIBLE_FIELDS),
    }
    if isinstance(error, InvalidFields):
        problem["errors"] = [
            {"field": e.field, "code": e.code, "message": field_sentence(e, tongue)}
            for e in error.errors
        ]
    return _problem(problem, status.value)


def http_answer(error: HTTPException) -> Response:
    """Return Flask's own errors, e.g. 404 for an unknown address, as problem+json."""
    problem = {
        "type": "about:blank",
        "title": error.name,
        "status": error.code,
        "code": error.name.lower().replace(" ", "_"),
        "detail": error.description,
    }
    answer = _problem(problem, error.code)
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            answer.headers[name] = value
    return answer


def _problem(problem: Mapping[str, object], status: int | None) -> Response:
    answer = Response(json.dumps(problem), status, mimetype="application/problem+json")
    # Without a word a cache may keep a 404 for long: the site may be added a minute later.
    answer.headers["Cache-Control"] = "no-store"
    return answer


def sentence(error: CommentboxError, tongue: Language) -> str:
    """Return an error's message in a language."""
    return tongue.filled(error.message, error.facts)


def whole_sentence(
    error: CommentboxError, tongue: Language, *, shown_at_fields: Collection[str]
) -> str:
    """Return an error's message with those of its fields that are not shown at the fields."""
    errors = error.errors if isinstance(error, InvalidFields) else ()
    hidden = [field_sentence(e, tongue) for e in errors if e.field not in shown_at_fields]
    if hidden and len(hidden) == len(errors):
        return " ".join(hidden)  # no field is marked that could be checked
    return " ".join([sentence(error, tongue), *hidden])


def field_sentence(error: FieldError, tongue: Language) -> str:
    """Return a field error's message in a language."""
    return tongue.filled(error.message, error.facts)


def log_database_trouble(error: SQLAlchemyError) -> None:
    """Log that the database refused: locked for too long, disk full, connection gone.

    What readers typed stays out of the log, so the traceback does, too: it would quote the row.
    """
    cause = error.orig if isinstance(error, DBAPIError) else error
    current_app.logger.error("The database refused: %s", cause)


def asked_language() -> Language:
    """Return the language of the request: a field's or parameter's, else the site's, else the browser's.

    Who is turned away before the site is known, as by a rate limit, is told so in their language too.
    """
    spoken: Language | None = g.get("commentbox_language")
    if spoken is not None:
        return spoken
    asked = request.args.get("lang") or sent_language(request)
    return language(asked, request.accept_languages.best_match(LANGUAGES, SOURCE) or SOURCE)


def speak(asked: object, default: str) -> Language:
    """Choose the language of everything this request answers from now on, and return it."""
    spoken = language(asked if isinstance(asked, str) else None, default)
    g.commentbox_language = spoken
    return spoken
