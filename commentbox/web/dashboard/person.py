"""A reader's request: show what is kept of an address, and forget it."""

from http import HTTPStatus

from flask import Response, redirect, request
from werkzeug.wrappers import Response as WerkzeugResponse

from commentbox import clock
from commentbox.actions.erase import erase_person
from commentbox.actions.erasure_list import ErasureList
from commentbox.actions.moderate import Ruling
from commentbox.db import session
from commentbox.errors import Malformed
from commentbox.models import Entrance, ErasureMode, Site
from commentbox.reading.person import data_of
from commentbox.web.dashboard.frame import address, show
from commentbox.web.dashboard.import_runs import folder_of, forget_old
from commentbox.web.dashboard.rights import owned_site_or_404
from commentbox.web.dashboard.telling import Told, told_done
from commentbox.web.dashboard.visit import current_moderator
from commentbox.web.engine import current_engine

EMAIL_MAX_CHARS = 254
NOTICES = {
    "erased": "The address is forgotten, and neither a restore nor an import brings it back."
}


def person_page(key: str) -> Response:
    """``GET /dashboard/sites/{key}/person``"""
    return _page(owned_site_or_404(key), "", told_done(NOTICES))


def find_person(key: str) -> Response:
    """``POST /dashboard/sites/{key}/person``: what is kept of an address; it stays out of addresses"""
    return _page(owned_site_or_404(key), _email(), Told())


def erase_data(key: str) -> WerkzeugResponse:
    """``POST /dashboard/sites/{key}/person/erase``"""
    site, mode = owned_site_or_404(key), request.form.get("mode", "")
    if mode not in set(ErasureMode) or not (email := _email()):
        raise Malformed
    by = Ruling(Entrance.DASHBOARD, by=current_moderator(), reason="erasure")
    kept = ErasureList(current_engine().settings.data_dir)
    erase_person(site.key, email, ErasureMode(mode), by, clock.now(), kept)
    # Uploads that nobody works on: the address could stand in them.
    forget_old(folder_of(site), clock.now(), after_seconds=-1)
    return redirect(address("person_page", key=key, done="erased"), HTTPStatus.SEE_OTHER)


def _email() -> str:
    email = request.form.get("email", "").strip()
    if len(email) > EMAIL_MAX_CHARS or not email.isprintable():
        raise Malformed
    return email


def _page(site: Site, email: str, told: Told) -> Response:
    data = data_of(session(), site, email) if email else None
    return show("person.html", told=told, site=site, is_owner=True, email=email, data=data)
