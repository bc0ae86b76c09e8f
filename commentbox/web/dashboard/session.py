"""Sign in and out."""

from http import HTTPStatus

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from commentbox import clock
from commentbox.actions.moderators import find_moderator
from commentbox.actions.second_factor import check_code
from commentbox.errors import CommentboxError, RateLimited
from commentbox.web.dashboard import visit
from commentbox.web.dashboard.forms import SignInForm
from commentbox.web.dashboard.frame import address, inside, show
from commentbox.web.dashboard.telling import Told, told_of, with_status_of
from commentbox.web.problems import asked_language, sentence, status_of

WRONG = "This e-mail address and this password do not belong together."


class TooManySignIns(RateLimited):
    """Somebody tried to sign in too often, from one network or to one account."""

    message = "Too many attempts to sign in: please wait a while and try again."


def sign_in_page() -> WerkzeugResponse:
    """``GET /dashboard/sign-in``"""
    wanted = inside(request.args.get("next", ""))
    if visit.is_signed_in():
        return redirect(wanted, HTTPStatus.SEE_OTHER)
    return _page(wanted)


def sign_in() -> WerkzeugResponse:
    """``POST /dashboard/sign-in``: 303 to where the moderator wanted to go, or the form again"""
    form = SignInForm()
    form.require_valid()
    moderator = find_moderator(form.email.data or "", form.password.data or "")
    if moderator is None:
        return _page(inside(form.next.data or ""), asked_language().gettext(WRONG), 422)
    wanted = inside(form.next.data or "")
    if moderator.has_second_factor:
        visit.begin_half(moderator, clock.now())
        return redirect(address("code_page", next=wanted), HTTPStatus.SEE_OTHER)
    visit.begin(moderator, clock.now())
    return redirect(wanted, HTTPStatus.SEE_OTHER)


def code_page() -> WerkzeugResponse:
    """``GET /dashboard/sign-in/code``"""
    if visit.half_moderator(clock.now()) is None:
        return redirect(address("sign_in_page"), HTTPStatus.SEE_OTHER)
    return _code_page(inside(request.args.get("next", "")), Told())


def sign_in_with_code() -> WerkzeugResponse:
    """``POST /dashboard/sign-in/code``: the second half of signing in"""
    now = clock.now()
    moderator = visit.half_moderator(now)
    if moderator is None:
        return redirect(address("sign_in_page"), HTTPStatus.SEE_OTHER)
    check_code(moderator.id, request.form.get("code", "")[:50], now)
    visit.begin(moderator, now)
    return redirect(inside(request.form.get("next", "")), HTTPStatus.SEE_OTHER)


def code_again(error: CommentboxError) -> Response:
    """Return the form for the code with what went wrong."""
    return with_status_of(_code_page(inside(request.form.get("next", "")), told_of(error)), error)


def sign_out() -> WerkzeugResponse:
    """``POST /dashboard/sign-out``"""
    visit.end(clock.now())
    return redirect(address("sign_in_page"), HTTPStatus.SEE_OTHER)


def sign_in_again(error: CommentboxError) -> Response:
    """Return the form with what was typed and what went wrong."""
    wanted = inside(request.form.get("next", ""))
    return _page(wanted, sentence(error, asked_language()), status_of(error).value)


def ask_to_sign_in() -> WerkzeugResponse:
    """Lead a stranger to the form, and from there to the page they asked for."""
    wanted = request.script_root + request.full_path.removesuffix("?")
    is_worth_naming = request.method == "GET" and wanted != url_for(".queue")
    next_ = wanted if is_worth_naming else None
    return redirect(address("sign_in_page", next=next_), HTTPStatus.SEE_OTHER)


def _code_page(wanted: str, told: Told) -> Response:
    return show("code.html", told=told, next=wanted)


def _page(wanted: str, problem: str = "", status: int = HTTPStatus.OK) -> Response:
    typed = request.form.get("email", "")
    is_reset = request.args.get("done") == "reset"
    return show(
        "sign_in.html", status, problem=problem, email=typed, next=wanted, is_reset=is_reset
    )
