"""Forms shown again: what was typed, and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import Response, request

from commentbox.errors import CommentboxError, InvalidFields
from commentbox.web.problems import asked_language, field_sentence, sentence, status_of


@dataclass(frozen=True)
class Told:
    """What a form says when it is shown: nothing at first, afterwards what went wrong, or right."""

    typed: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)  # by field
    problem: str = ""  # what is wrong as a whole
    notice: str = ""  # what has been done

    def value(self, name: str, otherwise: str = "") -> str:
        """Return what stands in a field."""
        return self.typed.get(name, otherwise)


def told_of(error: CommentboxError) -> Told:
    """Return what a form says after an error: everything typed but the passwords, and why."""
    tongue = asked_language()
    typed = {n: v for n, v in request.form.items() if "password" not in n and n != "csrf_token"}
    if not isinstance(error, InvalidFields):
        return Told(typed, {}, sentence(error, tongue))
    errors = {e.field: field_sentence(e, tongue) for e in error.errors}
    return Told(typed, errors, sentence(error, tongue))


def with_status_of(page: Response, error: CommentboxError) -> Response:
    """Return a form that is shown again, under the status of what went wrong."""
    page.status_code = status_of(error).value
    return page


def told_done(notices: Mapping[str, str]) -> Told:
    """Return what a page says after a change: the parameter ``done`` names one of its notices."""
    done = notices.get(request.args.get("done", ""))
    return Told(notice=asked_language().gettext(done) if done else "")
