"""A site's own words and colours, with the real thread beside them."""

from http import HTTPStatus

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from commentbox.actions.looks import COLOURS, TEXTS, USUAL, read_looks, set_looks
from commentbox.db import session
from commentbox.errors import CommentboxError
from commentbox.models import Site
from commentbox.reading.sites import liveliest_page
from commentbox.web.dashboard.frame import address, show
from commentbox.web.dashboard.rights import owned_site_or_404
from commentbox.web.dashboard.telling import Told, told_done, told_of, with_status_of
from commentbox.web.problems import asked_language
from commentbox.web.rendering import render_template

NOTICES = {"looks": "The looks are kept. With other colours, paste the snippet anew."}

PREVIEW_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "form-action 'none'; frame-ancestors 'self'; base-uri 'none'"
)


def looks_page(key: str) -> Response:
    """``GET /dashboard/sites/{key}/looks``"""
    return _page(owned_site_or_404(key), told_done(NOTICES))


def set_site_looks(key: str) -> WerkzeugResponse:
    """``POST /dashboard/sites/{key}/looks``"""
    site = owned_site_or_404(key)
    set_looks(site.key, read_looks(_given("text_", TEXTS), _given("colour_", COLOURS)))
    return redirect(address("looks_page", key=key, done="looks"), HTTPStatus.SEE_OTHER)


def looks_again(error: CommentboxError) -> Response:
    """Return the looks as typed, with what is wrong with each."""
    site = owned_site_or_404(str((request.view_args or {})["key"]))
    return with_status_of(_page(site, told_of(error)), error)


def preview(key: str) -> Response:
    """``GET /dashboard/sites/{key}/preview``: a page with the site's liveliest thread"""
    site = owned_site_or_404(key)
    page = render_template(
        "dashboard/preview.html",
        asked_language(),
        site=site,
        page=liveliest_page(session(), site) or "preview",
        script=url_for("commentbox.script"),
        stylesheet=address("stylesheet", lang=None),
    )
    answer = Response(page)
    answer.headers["Content-Security-Policy"] = PREVIEW_POLICY
    return answer


def _page(site: Site, told: Told) -> Response:
    return show(
        "looks.html", told=told, site=site, is_owner=True, texts=TEXTS, colours=COLOURS, usual=USUAL
    )


def _given(prefix: str, names: object) -> dict[str, str]:
    assert isinstance(names, dict)
    return {name: request.form.get(prefix + name, "") for name in names}
