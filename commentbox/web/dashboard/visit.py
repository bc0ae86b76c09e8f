"""A visit: one moderator signed in in one browser, kept in a signed cookie of the dashboard alone.

The host app's session and its secret key are not touched, and readers never get a cookie: ours
are sent below the dashboard's path only.
"""

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from flask import Response, g, request, url_for
from itsdangerous import BadSignature, URLSafeSerializer

from commentbox.actions.moderators import end_visit
from commentbox.db import session
from commentbox.models import Moderator
from commentbox.web.engine import current_engine, public_origin
from commentbox.web.limits import KNOWN_BROWSER

COOKIE = "commentbox_session"
FORM_COOKIE = "commentbox_form"
"""Ties the sign-in form to the browser that got it, while there is no visit to tie it to."""

HALF_COOKIE = "commentbox_half"
"""Whose password was right and whose code is still asked for."""

HALF_OVER_AFTER = timedelta(minutes=10)

KNOWN_FOR = timedelta(days=365)

IDLE_AFTER = timedelta(hours=12)
OVER_AFTER = timedelta(days=7)
RENEWED_EVERY = timedelta(minutes=5)

SALT, HALF_SALT = "commentbox.session", "commentbox.half"

_NONCE = re.compile(r"[\w-]{32}", re.ASCII)


@dataclass(frozen=True)
class Visit:
    """What the cookie says. ``nonce`` is what the forms' tokens are made of."""

    moderator_id: int
    session_number: int  # the moderator's when the visit began; a new password ends it
    nonce: str
    began_at: datetime
    seen_at: datetime

    def is_over_at(self, moment: datetime) -> bool:
        """Whether it has been unused, or lasted, for too long."""
        return moment >= self.seen_at + IDLE_AFTER or moment >= self.began_at + OVER_AFTER


def recognise(at: datetime) -> None:
    """Find out whose visit a request belongs to, once, before its view runs."""
    visit = read(request.cookies.get(COOKIE, ""))
    moderator = _moderator(visit, at) if visit else None
    g.commentbox_visit = visit if moderator else None
    g.commentbox_moderator = moderator
    g.pop("commentbox_form_nonce", None)


def is_signed_in() -> bool:
    """Whether the request comes from a signed-in moderator."""
    return g.get("commentbox_moderator") is not None


def current_moderator() -> Moderator:
    """Return the signed-in moderator; the guard lets nobody else in."""
    moderator: Moderator = g.commentbox_moderator
    return moderator


def form_nonce() -> str:
    """Return what ties this browser's forms to it: the visit's nonce, before that the form cookie's."""
    visit: Visit | None = g.get("commentbox_visit")
    if visit is not None:
        return visit.nonce
    if "commentbox_form_nonce" not in g:
        kept = request.cookies.get(FORM_COOKIE, "")
        g.commentbox_form_nonce = kept if _NONCE.fullmatch(kept) else _new_nonce()
    nonce: str = g.commentbox_form_nonce
    return nonce


def begin(moderator: Moderator, at: datetime) -> None:
    """Sign the moderator in: the answer to this request carries the cookie."""
    g.commentbox_moderator = moderator
    g.commentbox_visit = Visit(moderator.id, moderator.session_number, _new_nonce(), at, at)
    g.pop("commentbox_form_nonce", None)
    g.commentbox_known = current_engine().limits.known_browser(moderator.email)


def begin_half(moderator: Moderator, at: datetime) -> None:
    """Remember that the moderator's password was right, until the code is, too."""
    half = [moderator.id, moderator.session_number, int(at.timestamp())]
    g.commentbox_half = _signed(half, HALF_SALT)


def half_moderator(at: datetime) -> Moderator | None:
    """Return the moderator whose code is still asked for in this browser."""
    try:
        signer = _signer(HALF_SALT)
        number, session_number, began = signer.loads(request.cookies.get(HALF_COOKIE, ""))
    except BadSignature:
        return None
    if at >= datetime.fromtimestamp(began, UTC) + HALF_OVER_AFTER:
        return None
    moderator = session().get(Moderator, number)
    is_same = moderator is not None and moderator.session_number == session_number
    return moderator if is_same else None


def end(at: datetime) -> None:
    """Sign the moderator out: the cookie is taken away, and a copy of it is good for nothing."""
    visit: Visit | None = g.commentbox_visit
    if visit is not None:
        end_visit(visit.moderator_id, visit.nonce, visit.began_at + OVER_AFTER, at)
    g.commentbox_visit = g.commentbox_moderator = None


def write_cookies(answer: Response, at: datetime) -> None:
    """Let the browser know what has changed since it asked."""
    if "commentbox_visit" in g:  # not so when a request was refused before anybody looked
        _write_visit(answer, g.commentbox_visit, at)
    if nonce := g.get("commentbox_form_nonce"):
        _set(answer, FORM_COOKIE, nonce, None)
    if known := g.get("commentbox_known"):
        _set(answer, KNOWN_BROWSER, known, KNOWN_FOR)
    if half := g.get("commentbox_half"):
        _set(answer, HALF_COOKIE, half, HALF_OVER_AFTER)
    elif is_signed_in():
        _forget(answer, HALF_COOKIE)


def _write_visit(answer: Response, visit: Visit | None, at: datetime) -> None:
    if visit is None:
        _forget(answer, COOKIE)
        return
    _forget(answer, FORM_COOKIE)
    is_new = read(request.cookies.get(COOKIE, "")) != visit
    if is_new or at >= visit.seen_at + RENEWED_EVERY:
        _set(answer, COOKIE, written(replace(visit, seen_at=at)), IDLE_AFTER)


def written(visit: Visit) -> str:
    """Return a visit as its cookie's value, signed."""
    times = (int(visit.began_at.timestamp()), int(visit.seen_at.timestamp()))
    return _signed([visit.moderator_id, visit.session_number, visit.nonce, *times], SALT)


def read(cookie: str) -> Visit | None:
    """Return the visit of a cookie's value; None unless we signed it."""
    try:
        moderator_id, session_number, nonce, began, seen = _signer(SALT).loads(cookie)
    except BadSignature:
        return None
    began_at, seen_at = (datetime.fromtimestamp(seconds, UTC) for seconds in (began, seen))
    return Visit(moderator_id, session_number, nonce, began_at, seen_at)


def _moderator(visit: Visit, at: datetime) -> Moderator | None:
    if visit.is_over_at(at):
        return None
    moderator = session().get(Moderator, visit.moderator_id)
    if moderator is None or moderator.has_ended(visit.nonce):
        return None
    return moderator if moderator.session_number == visit.session_number else None


def _signed(facts: Sequence[object], salt: str) -> str:
    value = _signer(salt).dumps(facts)
    return value if isinstance(value, str) else value.decode("ascii")


def _signer(salt: str) -> URLSafeSerializer:
    return URLSafeSerializer(
        current_engine().settings.secret_key,
        salt=salt,
        signer_kwargs={"digest_method": hashlib.sha256},
    )


def _new_nonce() -> str:
    return secrets.token_urlsafe(24)


def _set(answer: Response, name: str, value: str, max_age: timedelta | None) -> None:
    answer.set_cookie(
        name,
        value,
        max_age=max_age,
        path=_path(),
        secure=public_origin().startswith("https:"),
        httponly=True,
        samesite="Lax",
    )


def _forget(answer: Response, name: str) -> None:
    if name in request.cookies:
        answer.delete_cookie(
            name, path=_path(), secure=request.is_secure, httponly=True, samesite="Lax"
        )


def _path() -> str:
    return url_for("commentbox_dashboard.queue")
