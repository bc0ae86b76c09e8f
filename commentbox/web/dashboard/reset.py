"""A lost password: ask for a link, and choose another one with it."""

from http import HTTPStatus

from flask import Response, redirect, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as WerkzeugResponse

from commentbox import clock
from commentbox.actions.moderators import read_address, set_password
from commentbox.actions.resets import send_reset
from commentbox.db import session
from commentbox.errors import CommentboxError, FieldError, InvalidFields, Unknown
from commentbox.models import Moderator
from commentbox.web.account_links import reset_path
from commentbox.web.dashboard import visit
from commentbox.web.dashboard.frame import address, show
from commentbox.web.dashboard.telling import Told, told_of, with_status_of
from commentbox.web.engine import current_engine
from commentbox.web.problems import asked_language

DIFFERENT = FieldError("password_again", "different", "These two are not the same.")


class UnknownReset(Unknown):
    """A reset link that serves no more, or never did."""

    code = "unknown_reset"
    message = "This link was used or is too old: ask for a new one."


def ask_reset_page() -> Response:
    """``GET /dashboard/reset``"""
    return _ask_page(Told())


def ask_reset() -> Response:
    """``POST /dashboard/reset``: the same answer whether there is such an account or not"""
    email = read_address(request.form.get("email", ""))
    send_reset(email, reset_path, asked_language().code, clock.now())
    return show("reset_asked.html", email=email)


def ask_reset_again(error: CommentboxError) -> Response:
    """Return the form with what was typed and what went wrong."""
    return with_status_of(_ask_page(told_of(error)), error)


def reset_page(token: str) -> Response:
    """``GET /dashboard/reset/{token}``: shows, and changes nothing"""
    return _choose_page(_owner_of(session(), token), token, Told())


def reset_password(token: str) -> WerkzeugResponse:
    """``POST /dashboard/reset/{token}``: another password; all sessions end"""
    moderator = _owner_of(session(), token)
    set_password(moderator.id, read_new_password())
    visit.end(clock.now())
    return redirect(address("sign_in_page", done="reset"), HTTPStatus.SEE_OTHER)


def reset_again(error: CommentboxError) -> Response:
    """Return the form for another password with what went wrong."""
    token = str((request.view_args or {})["token"])
    return with_status_of(_choose_page(_owner_of(session(), token), token, told_of(error)), error)


def read_new_password() -> str:
    """Return the password that was typed twice. Raises InvalidFields."""
    password = request.form.get("password", "")
    if password != request.form.get("password_again", ""):
        raise InvalidFields(DIFFERENT)
    return password


def _ask_page(told: Told) -> Response:
    return show("reset_ask.html", told=told, sends_mail=current_engine().settings.sends_mail)


def _choose_page(moderator: Moderator, token: str, told: Told) -> Response:
    return show("reset.html", told=told, email=moderator.email, reset_token=token)


def _owner_of(current: Session, token: str) -> Moderator:
    named = current_engine().signatures.read_reset_token(token)
    moderator = current.get(Moderator, named[0]) if named else None
    if moderator is None or named is None or moderator.session_number != named[1]:
        raise UnknownReset
    return moderator
