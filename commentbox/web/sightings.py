"""Notes where a site's embed was last seen, and what last went wrong with it, at little cost.

Each process writes once in a while only; readers' own data is not looked at.
"""

from datetime import datetime, timedelta

from flask import Response, g, request
from sqlalchemy.exc import SQLAlchemyError

from commentbox import clock
from commentbox.db import atomic
from commentbox.errors import CommentboxError, OriginMissing, OriginRefused, UnknownSite
from commentbox.models import Sighting
from commentbox.models.sighting import ORIGIN_MAX_CHARS
from commentbox.models.site import site_with_key
from commentbox.web.engine import public_origin
from commentbox.web.finding import site_or_404
from commentbox.web.problems import log_database_trouble

SEEN_EVERY = timedelta(minutes=10)
TROUBLE_EVERY = timedelta(minutes=1)

LOOKED_AT = frozenset({"commentbox.thread_fragment", "commentbox.issue_ticket"})
"""What the embed asks for by itself: the thread, and a ticket once somebody writes."""


def note_trouble(error: CommentboxError) -> None:
    """Remember for the end of the request that an origin was refused."""
    if isinstance(error, OriginRefused | OriginMissing):
        g.commentbox_trouble = error.code


class Sightings:
    """Looks at each answer of the public addresses; made once per app."""

    def __init__(self) -> None:
        self._noted: dict[tuple[str, str | None], datetime] = {}

    def __call__(self, answer: Response) -> Response:
        """Note what the answer tells of the site's pages, unless that was done a moment ago."""
        trouble: str | None = g.pop("commentbox_trouble", None)
        origin = request.headers.get("Origin", "")[:ORIGIN_MAX_CHARS]
        is_asked = bool(origin) and request.endpoint in LOOKED_AT and answer.status_code < 400
        if trouble or (is_asked and origin != public_origin()):
            key = (request.view_args or {}).get("site_key", "")
            try:
                self._note(key, origin, trouble)
            except UnknownSite:
                pass
            except SQLAlchemyError as error:  # what was asked for was answered: that counts
                log_database_trouble(error)
        return answer

    def _note(self, key: str, origin: str, trouble: str | None) -> None:
        now = clock.now()
        if trouble is None and not site_or_404(key).has_origin(origin):
            trouble = OriginRefused.code  # it may read there, but nobody can write
        every = TROUBLE_EVERY if trouble else SEEN_EVERY
        noted_at = self._noted.get((key, trouble))
        if noted_at is None or now >= noted_at + every:
            _write(key, origin, trouble, now)
            self._noted[key, trouble] = now


def _write(key: str, origin: str, trouble: str | None, now: datetime) -> None:
    with atomic() as current:
        site = site_with_key(current, key)
        sighting = current.get(Sighting, site.id) or Sighting(site_id=site.id)
        current.add(sighting)
        if trouble:
            sighting.trouble, sighting.trouble_origin = trouble, origin
            sighting.trouble_at = now
        else:
            sighting.seen_origin, sighting.seen_at = origin, now
