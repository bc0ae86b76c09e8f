"""Where links in mails lead: each page shows on GET what it will do, and does it on POST.

Mail scanners follow links, so looking must change nothing. The token in the address is all the
authority there is: no account, no cookie.
"""

from dataclasses import dataclass
from http import HTTPStatus

from flask import Response, request

from commentbox import clock
from commentbox.actions import subscribe
from commentbox.actions.confirm import confirm
from commentbox.actions.moderate import Ruling, WordsChanged, decide
from commentbox.db import session
from commentbox.delivery.email.letters import last_decision_id
from commentbox.delivery.email.links import DecisionLink, Links
from commentbox.errors import CommentboxError, Unknown
from commentbox.models import Comment, Entrance, Moderator, Site, State, Subscription, Thread
from commentbox.reading.view import CommentView
from commentbox.web.engine import current_engine
from commentbox.web.links import hosted_path
from commentbox.web.page import asset_path
from commentbox.web.problems import asked_language, sentence, speak, status_of
from commentbox.web.rendering import render_template
from commentbox.web.showing import shown_comment

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'"
)


class DeadLink(Unknown):
    """A link in a mail was used, is too old, or was never ours."""

    code = "dead_link"
    message = "This link has been used or is too old. Nothing was changed by it."


class AlreadyDecided(Unknown):
    """Somebody decided on the comment after the mail was sent."""

    code = "already_decided"
    message = "This comment has been decided on since the mail was sent: see the dashboard."


@dataclass(frozen=True)
class _Asked:
    """A decision that a link asks for, with the rows it is about as they are now."""

    link: DecisionLink
    comment: Comment
    moderator: Moderator

    @property
    def to(self) -> State:
        """The state that the comment shall take."""
        return State(self.link.to)

    @property
    def seen(self) -> str:
        """What says which words were looked at: others must be looked at first."""
        return self.comment.text_digest.hex()


def mail_decision_page(token: str) -> Response:
    """``GET /mail/decision/{token}``: the comment, and the one decision that the link is for"""
    return _show_decision(_asked(token))


def mail_decision_act(token: str) -> Response:
    """``POST /mail/decision/{token}``"""
    asked = _asked(token)
    by_mail = Ruling(Entrance.MAIL, by=asked.moderator)
    try:
        decide(asked.comment.id, asked.to, by_mail, _seen_digest())
    except WordsChanged:
        return _show_decision(_asked(token), has_changed=bool(request.form))
    return _show("decided", to=asked.to.value)


def mail_confirmation_page(token: str) -> Response:
    """``GET /mail/confirmation/{token}``: the comment, and whether it is the address's owner's"""
    return _show_confirmation(*_to_confirm(token))


def mail_confirmation_act(token: str) -> Response:
    """``POST /mail/confirmation/{token}``"""
    subscription, comment = _to_confirm(token)
    try:
        confirmed = confirm(
            subscription.id,
            _seen_digest(),
            clock.now(),
            wants_decision=request.form.get("decision") == "1",
        )
    except WordsChanged:
        return _show_confirmation(subscription, comment, has_changed=bool(request.form))
    if confirmed is None:
        raise DeadLink
    return _show(
        "confirmed",
        site=_name(subscription.site_id),
        back=_back(comment),
        is_published=confirmed.is_published_by_it,
        waits=confirmed.comment.state == State.HELD,
    )


def mail_unsubscription_page(token: str) -> Response:
    """``GET /mail/unsubscription/{token}``"""
    site_id, _, _ = _unsubscription(token)
    return _show("unsubscribe", site=_name(site_id))


def mail_unsubscription_act(token: str) -> Response:
    """``POST /mail/unsubscription/{token}``: also what mail programs send by one click (RFC 8058)"""
    site_id, email, subscription_id = _unsubscription(token)
    of_all = request.form.get("all") == "1"
    subscribe.unsubscribe(site_id, email, None if of_all else subscription_id)
    return _show("unsubscribed", site=_name(site_id))


def mail_refusal_page(token: str) -> Response:
    """``GET /mail/refusal/{token}``"""
    site_id, _, _ = _unsubscription(token)
    return _show("refuse", site=_name(site_id))


def mail_refusal_act(token: str) -> Response:
    """``POST /mail/refusal/{token}``"""
    site_id, email, _ = _unsubscription(token)
    subscribe.refuse(site_id, email)
    return _show("refused", site=_name(site_id))


def mail_problem(error: CommentboxError) -> Response:
    """Return a problem as a page."""
    detail = sentence(error, asked_language())
    return _show("problem", status_of(error), detail=detail)


def _asked(token: str) -> _Asked:
    """Return what a link decides, while that is still to be decided. Raises DeadLink."""
    _speak_to_browser()
    if (link := _links().read_decision(token)) is None:
        raise DeadLink
    comment = session().get(Comment, link.comment_id)
    moderator = session().get(Moderator, link.moderator_id)
    if comment is None or comment.is_erased or moderator is None:
        raise DeadLink
    may_decide = moderator.decides_on(comment.site_id)
    if not may_decide or moderator.session_number != link.session_number:
        raise DeadLink
    if last_decision_id(session(), comment) != link.last_decision_id:
        raise AlreadyDecided
    return _Asked(link, comment, moderator)


def _show_decision(asked: _Asked, *, has_changed: bool = False) -> Response:
    view: CommentView = shown_comment(asked.comment)
    return _show(
        "decide", to=asked.to.value, comment=view, seen=asked.seen, has_changed=has_changed
    )


def _show_confirmation(
    subscription: Subscription, comment: Comment, *, has_changed: bool = False
) -> Response:
    view: CommentView = shown_comment(comment)
    return _show(
        "confirm",
        site=_name(subscription.site_id),
        waits=comment.state == State.HELD,
        comment=view,
        seen=comment.text_digest.hex(),
        has_changed=has_changed,
    )


def _seen_digest() -> bytes:
    """Return what says which words were looked at: of others nobody has said a word."""
    try:
        return bytes.fromhex(request.form.get("seen", ""))
    except ValueError:
        return b""


def _to_confirm(token: str) -> tuple[Subscription, Comment]:
    number = _links().read_confirmation(token)
    subscription = session().get(Subscription, number) if number is not None else None
    if subscription is None:
        _speak_to_browser()
        raise DeadLink
    speak(None, subscription.language)
    return subscription, session().get_one(Comment, subscription.comment_id)


def _unsubscription(token: str) -> tuple[int, str, int]:
    _speak_to_browser()
    if (read := _links().read_unsubscription(token)) is None:
        raise DeadLink
    if (subscription := session().get(Subscription, read[2])) is not None:
        speak(None, subscription.language)
    elif (site := session().get(Site, read[0])) is not None:
        speak(None, site.language)
    return read


def _back(comment: Comment) -> str:
    thread = session().get_one(Thread, comment.thread_id)
    site = session().get_one(Site, comment.site_id)
    return thread.shown_url or hosted_path(site, thread.key)


def _name(site_id: int) -> str:
    site = session().get(Site, site_id)
    return (site.name or site.key) if site else ""


def _links() -> Links:
    return Links(current_engine().settings.secret_key)


def _speak_to_browser() -> None:
    best = request.accept_languages.best_match(["de", "en"], "en")
    speak(None, best or "en")


def _show(what: str, status: HTTPStatus = HTTPStatus.OK, **context: object) -> Response:
    page = render_template(
        "mail.html", asked_language(), what=what, stylesheet=asset_path("stylesheet"), **context
    )
    answer = Response(page, status.value)
    answer.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    # The address is the authority: no page that is linked here may learn it.
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


ROUTES = (
    ("GET", "/mail/decision/<token>", "mail_decision_page", mail_decision_page),
    ("POST", "/mail/decision/<token>", "mail_decision_act", mail_decision_act),
    ("GET", "/mail/confirmation/<token>", "mail_confirmation_page", mail_confirmation_page),
    ("POST", "/mail/confirmation/<token>", "mail_confirmation_act", mail_confirmation_act),
    ("GET", "/mail/unsubscription/<token>", "mail_unsubscription_page", mail_unsubscription_page),
    ("POST", "/mail/unsubscription/<token>", "mail_unsubscription_act", mail_unsubscription_act),
    ("GET", "/mail/refusal/<token>", "mail_refusal_page", mail_refusal_page),
    ("POST", "/mail/refusal/<token>", "mail_refusal_act", mail_refusal_act),
)
"""Method, path below the service, endpoint, view; no part of the API, since only mails lead here."""

ENDPOINTS = frozenset(f"commentbox.{endpoint}" for _, _, endpoint, _ in ROUTES)
