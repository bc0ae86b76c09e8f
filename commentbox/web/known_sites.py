"""Sites as they were last read: every request needs one, and they hardly ever change."""

from collections.abc import Callable, Sequence

from commentbox.db import session
from commentbox.freshness import Rows
from commentbox.models import Site
from commentbox.models.site import site_with_key
from commentbox.reading.basis import SITE

MAX_KEPT = 1000


class KnownSites:
    """The sites of one app, each given again while the store still says the same version of it.

    What of a site changes without a new version (models/storm.py) is read where it counts: with
    the thread, by who writes.
    """

    def __init__(self, ask: Callable[[str, Sequence[object]], Rows]) -> None:
        self._ask = ask
        self._kept: dict[str, tuple[Rows, Site]] = {}

    def with_key(self, key: str) -> Site:
        """Return a site for reading; it may belong to no session. Raises UnknownSite."""
        # Asked first in any case: for it a thread takes a connection of its own, and if many did so
        # with one of the session's in hand, they could wait for each other until all give up.
        now = self._ask(SITE, (key,))
        found, known = self._kept.get(key, ((), None))
        return known if known is not None and now == found else self._read(key)

    def _read(self, key: str) -> Site:
        # Raised before anything is asked or kept: anybody can make up keys.
        site = site_with_key(session(), key)
        if not (found := self._ask(SITE, (key,))):
            return site
        session().refresh(site)  # in this session it may have been read long ago
        session().refresh(site, ["origins"])  # later there is no session to read them by
        session().expunge(site)
        if len(self._kept) >= MAX_KEPT:
            self._kept.clear()
        self._kept[key] = found, site
        return site
