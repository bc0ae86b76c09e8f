"""Sites: the list, a new one, and what its pages need."""

from http import HTTPStatus

from flask import Response, redirect, request
from werkzeug.wrappers import Response as WerkzeugResponse

from commentbox.actions.sites import create_site as create
from commentbox.actions.sites import set_origins, set_policy
from commentbox.db import session
from commentbox.errors import CommentboxError, FieldError, InvalidFields
from commentbox.models import Sighting, Site
from commentbox.models.policy import POLICY, Group, UnfitValue
from commentbox.reading.sites import sites_of
from commentbox.web.dashboard.frame import address, show
from commentbox.web.dashboard.rights import (
    moderated_site_or_404,
    owned_site_or_404,
    require_owner_of_every_site,
)
from commentbox.web.dashboard.telling import Told, told_done, told_of, with_status_of
from commentbox.web.dashboard.visit import current_moderator
from commentbox.web.engine import mount_path, public_origin
from commentbox.web.problems import status_of
from commentbox.web.snippet import snippet

NOTICES = {
    "created": "The site is there. Paste the snippet into its pages.",
    "origins": "The origins are kept.",
    "settings": "The rules are kept and hold from now on.",
}

GROUPS = {
    Group.SITE: "The site",
    Group.TRUST: "Whom you trust",
    Group.DOUBT: "What makes a comment doubtful",
    Group.FORM: "The form",
    Group.THREAD: "The thread",
}


def sites() -> Response:
    """``GET /dashboard/sites``"""
    lines = sites_of(session(), current_moderator())
    return show("sites.html", lines=lines)


def new_site_page() -> Response:
    """``GET /dashboard/sites/_new``"""
    require_owner_of_every_site()
    return show("new_site.html", told=Told(), languages_of_sites=POLICY["language"].options)


def create_site() -> WerkzeugResponse:
    """``POST /dashboard/sites/_new``: 303 to the site's page with its snippet"""
    require_owner_of_every_site()
    form = request.form
    site = create(
        form.get("key", "").strip(),
        form.get("name", "").strip(),
        form.get("language", ""),
        form.get("origins", "").split(),
    )
    return redirect(address("site_page", key=site.key, done="created"), HTTPStatus.SEE_OTHER)


def new_site_again(error: CommentboxError) -> Response:
    """Return the form for a new site with what was typed and what went wrong."""
    require_owner_of_every_site()
    options = POLICY["language"].options
    return show("new_site.html", status_of(error), told=told_of(error), languages_of_sites=options)


def site_page(key: str) -> Response:
    """``GET /dashboard/sites/{key}``: its snippet, and whether it is installed right"""
    return _site_page(moderated_site_or_404(key), told_done(NOTICES))


def set_site_origins(key: str) -> WerkzeugResponse:
    """``POST /dashboard/sites/{key}/origins``"""
    site = owned_site_or_404(key)
    set_origins(site.key, request.form.get("origins", "").split())
    return redirect(address("site_page", key=key, done="origins"), HTTPStatus.SEE_OTHER)


def site_again(error: CommentboxError) -> Response:
    """Return a site's page with the origins that were typed and what is wrong with them."""
    return with_status_of(_site_page(owned_site_or_404(_key()), told_of(error)), error)


def settings_page(key: str) -> Response:
    """``GET /dashboard/sites/{key}/settings``"""
    return _settings_page(owned_site_or_404(key), told_done(NOTICES))


def set_settings(key: str) -> WerkzeugResponse:
    """``POST /dashboard/sites/{key}/settings``"""
    site = owned_site_or_404(key)
    given = {name: request.form[name] for name in POLICY if name in request.form}
    _require_fit(given)
    set_policy(site.key, given)
    return redirect(address("settings_page", key=key, done="settings"), HTTPStatus.SEE_OTHER)


def settings_again(error: CommentboxError) -> Response:
    """Return a site's settings as typed, with what is wrong with each."""
    return with_status_of(_settings_page(owned_site_or_404(_key()), told_of(error)), error)


def _site_page(site: Site, told: Told) -> Response:
    return show(
        "site.html",
        told=told,
        site=site,
        is_owner=current_moderator().owns(site.id),
        snippet=snippet(public_origin() + mount_path(), site),
        sighting=session().get(Sighting, site.id),
    )


def _settings_page(site: Site, told: Told) -> Response:
    kept = {name: _written(getattr(site, name)) for name in POLICY}
    groups = [
        (words, {n: s for n, s in POLICY.items() if s.group is group})
        for group, words in GROUPS.items()
    ]
    return show("settings.html", told=told, site=site, kept=kept, groups=groups, is_owner=True)


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _require_fit(given: dict[str, str]) -> None:
    errors = []
    for name, written in given.items():
        try:
            POLICY[name].read(written.strip())
        except UnfitValue as error:
            errors.append(FieldError(name, "invalid", error.message, error.facts))
    if errors:
        raise InvalidFields(*errors)


def _key() -> str:
    return str((request.view_args or {})["key"])
