"""One's own account: password, sessions, second factor."""

from http import HTTPStatus

from flask import Response, redirect, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from markupsafe import Markup
from werkzeug.wrappers import Response as WerkzeugResponse

from commentbox import clock
from commentbox.actions import second_factor
from commentbox.actions.moderators import end_sessions, find_moderator, set_password
from commentbox.errors import CommentboxError, FieldError, InvalidFields
from commentbox.models import Moderator
from commentbox.models.totp import address_of_secret, new_secret
from commentbox.web.dashboard import visit
from commentbox.web.dashboard.frame import address, show
from commentbox.web.dashboard.reset import read_new_password
from commentbox.web.dashboard.telling import Told, told_done, told_of, with_status_of
from commentbox.web.dashboard.visit import current_moderator
from commentbox.web.engine import current_engine

ISSUER = "commentbox"
SETTING_UP_SECONDS = 3600

WRONG_PASSWORD = FieldError("current_password", "invalid", "This is not your present password.")

NOTICES = {
    "password": "Your new password is kept; you are signed out everywhere else.",
    "sessions": "You are signed out everywhere else.",
    "off": "The second factor is off: your password alone signs you in.",
}


def account_page() -> Response:
    """``GET /dashboard/account``"""
    return _page(told_done(NOTICES))


def change_own_password() -> WerkzeugResponse:
    """``POST /dashboard/account/password``"""
    _require_password()
    _stay(set_password(current_moderator().id, read_new_password()))
    return redirect(address("account_page", done="password"), HTTPStatus.SEE_OTHER)


def end_other_sessions() -> WerkzeugResponse:
    """``POST /dashboard/account/sessions``"""
    _stay(end_sessions(current_moderator().id))
    return redirect(address("account_page", done="sessions"), HTTPStatus.SEE_OTHER)


def second_factor_page() -> Response:
    """``GET /dashboard/account/second-factor``"""
    return _second_factor_page(new_secret(), Told())


def set_up_second_factor() -> Response:
    """``POST /dashboard/account/second-factor``: on from now on; the recovery codes are shown once"""
    _require_password()
    moderator, now = current_moderator(), clock.now()
    code = request.form.get("code", "")[:50]
    codes = second_factor.set_up(moderator.id, _kept_secret(), code, now)
    _stay(moderator)
    return show("recovery_codes.html", codes=codes, is_new=True)


def take_off_second_factor() -> WerkzeugResponse:
    """``POST /dashboard/account/second-factor/off``"""
    _require_password()
    second_factor.take_off(current_moderator().id)
    return redirect(address("account_page", done="off"), HTTPStatus.SEE_OTHER)


def renew_recovery_codes() -> Response:
    """``POST /dashboard/account/recovery-codes``: new ones, shown once"""
    _require_password()
    codes = second_factor.renew_recovery_codes(current_moderator().id)
    return show("recovery_codes.html", codes=codes, is_new=False)


def account_again(error: CommentboxError) -> Response:
    """Return the account's page with what went wrong."""
    return with_status_of(_page(told_of(error)), error)


def second_factor_again(error: CommentboxError) -> Response:
    """Return the page of the second factor, with the same secret, and what went wrong."""
    return with_status_of(_second_factor_page(_kept_secret(), told_of(error)), error)


def _page(told: Told) -> Response:
    return show("account.html", told=told, asked=(request.endpoint or "").rpartition(".")[2])


def _second_factor_page(secret: str, told: Told) -> Response:
    moderator = current_moderator()
    import segno  # here, since few ever need it: 0.7 MiB in every process that serves

    code = segno.make(address_of_secret(secret, moderator.email, ISSUER), micro=False)
    drawn = code.svg_inline(scale=4, border=2, dark="#000", light="#fff", omitsize=True)
    return show(
        "second_factor.html",
        told=told,
        drawing=Markup(drawn),
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        kept=_signer().dumps([moderator.id, secret]),
    )


def _kept_secret() -> str:
    """Return the secret that the page showed: it travels with the form, signed, until it serves."""
    try:
        number, secret = _signer().loads(request.form.get("kept", ""), max_age=SETTING_UP_SECONDS)
    except BadSignature:
        return new_secret()
    return str(secret) if number == current_moderator().id else new_secret()


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_engine().settings.secret_key, salt="commentbox.totp")


def _require_password() -> None:
    """Ask for the password once more: who finds the browser open must not take the account."""
    typed = request.form.get("current_password", "")
    if find_moderator(current_moderator().email, typed) is None:
        raise InvalidFields(WRONG_PASSWORD)


def _stay(moderator: Moderator) -> None:
    """Stay signed in here, where all sessions just ended."""
    visit.begin(moderator, clock.now())
