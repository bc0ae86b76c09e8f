"""A site's bans: who is banned, by whom and why; ban and lift."""

from datetime import timedelta
from http import HTTPStatus

from flask import Response, redirect, request
from werkzeug.wrappers import Response as WerkzeugResponse

from commentbox import clock, markup
from commentbox.actions import bans
from commentbox.db import session
from commentbox.errors import CommentboxError, Malformed
from commentbox.models import BanKind, Comment, Site
from commentbox.models.ban import end_of_network
from commentbox.reading.sites import bans_of
from commentbox.reading.visible import find_comment
from commentbox.web.dashboard.frame import address, show
from commentbox.web.dashboard.rights import moderated_site_or_404
from commentbox.web.dashboard.selecting import read_number
from commentbox.web.dashboard.telling import Told, told_done, told_of, with_status_of
from commentbox.web.dashboard.visit import current_moderator

NOTICES = {"banned": "The ban is in force.", "lifted": "The ban is lifted."}

KINDS = {"address": "E-mail address or domain", "word": "Word"}
KINDS_BY_COMMENT = {"author": "Author", "network": "Network", **KINDS}
WORDS_OF_KINDS = KINDS_BY_COMMENT

DAYS = {"1": "A day", "7": "A week", "30": "A month", "365": "A year", "": "For good"}

MANNERS = {
    "shadow": "In silence: it waits",
    "open": "Openly: it is refused",
}


def bans_page(key: str) -> Response:
    """``GET /dashboard/sites/{key}/bans?comment=``"""
    return _page(moderated_site_or_404(key), told_done(NOTICES))


def ban(key: str) -> WerkzeugResponse:
    """``POST /dashboard/sites/{key}/bans``"""
    site, now, form = moderated_site_or_404(key), clock.now(), request.form
    if form.get("kind") not in set(BanKind) or form.get("days", "") not in DAYS:
        raise Malformed
    days = form.get("days", "")
    wish = bans.Wish(
        kind=BanKind(form["kind"]),
        value=form.get("value", ""),
        comment=_comment(site),
        is_open=form.get("manner") == "open",
        reason=form.get("reason", ""),
        expires_at=now + timedelta(days=int(days)) if days else None,
    )
    bans.ban(site, wish, current_moderator(), now)
    return redirect(address("bans_page", key=key, done="banned"), HTTPStatus.SEE_OTHER)


def lift_ban(key: str, ban_id: int) -> WerkzeugResponse:
    """``POST /dashboard/sites/{key}/bans/{id}/lift``"""
    bans.lift(moderated_site_or_404(key), ban_id)
    return redirect(address("bans_page", key=key, done="lifted"), HTTPStatus.SEE_OTHER)


def bans_again(error: CommentboxError) -> Response:
    """Return the bans with the one that was wanted and what is wrong with it."""
    return with_status_of(
        _page(moderated_site_or_404(str((request.view_args or {})["key"])), told_of(error)), error
    )


def _page(site: Site, told: Told) -> Response:
    now, comment = clock.now(), _comment(site)
    return show(
        "bans.html",
        told=told,
        site=site,
        is_owner=current_moderator().owns(site.id),
        bans=bans_of(session(), site, now),
        comment=comment,
        author=markup.visible_name(comment.name) if comment else "",
        network_until=end_of_network(comment.created_at) if comment else None,
        kinds=KINDS_BY_COMMENT if comment else KINDS,
        words_of_kinds=WORDS_OF_KINDS,
        days=DAYS,
        manners=MANNERS,
    )


def _comment(site: Site) -> Comment | None:
    """Return the comment whose author or network is meant; none of another site."""
    number = read_number(request.values.get("comment"))
    if number is None:
        return None
    comment = find_comment(session(), current_moderator(), number)
    return comment if comment is not None and comment.site_id == site.id else None
