"""A storm: far more than usual is being held on a site, as when somebody's program has found it.

Two counts of held comments fade, one within minutes and one within weeks; compared, they say
whether this is unusual. So nothing has to be looked up, and a published comment costs nothing.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from commentbox.models.site import Site

RECENT_HALF_LIFE = timedelta(minutes=5)
USUAL_HALF_LIFE = timedelta(days=7)
TIMES_THE_USUAL = 5
LASTS = timedelta(hours=1)
"""How long strangers wait after the last moment that was unusual."""


@dataclass(frozen=True)
class HeldCount:
    """How many comments were held, each counting for less the longer ago it was."""

    recently: float = 0.0  # fades by half in 5 minutes
    usually: float = 0.0  # fades by half in a week
    at: datetime | None = None

    def with_one_more(self, at: datetime) -> "HeldCount":
        """Return the counts after one more comment was held."""
        passed = max(timedelta(0), at - self.at) if self.at else timedelta(0)
        return HeldCount(
            recently=self.recently * _left(passed, RECENT_HALF_LIFE) + 1,
            usually=self.usually * _left(passed, USUAL_HALF_LIFE) + 1,
            at=at,
        )

    def is_unusual(self, at_least: int) -> bool:
        """Whether so many were held lately, and far more than usual; 0 means never."""
        usual_lately = self.usually * (RECENT_HALF_LIFE / USUAL_HALF_LIFE)
        # The first of ten in a row has faded a little by the time the tenth comes.
        is_many = self.recently >= at_least - 0.5
        return at_least > 0 and is_many and self.recently > TIMES_THE_USUAL * usual_lately


def count_held(session: Session, site: Site, at: datetime) -> bool:
    """Count a held comment, inside the caller's transaction; whether a storm begins with it."""
    count = HeldCount(site.held_recently, site.held_usually, site.held_counted_at)
    count = count.with_one_more(at)
    counts = {
        "held_recently": count.recently,
        "held_usually": count.usually,
        "held_counted_at": count.at,
    }
    this_site = update(Site).where(Site.id == site.id)
    session.execute(this_site.values(counts), execution_options={"synchronize_session": False})
    if not count.is_unusual(site.storm_held):
        return False
    # Of two who see the same storm coming, one gets to say so.
    calm = or_(Site.storm_until.is_(None), Site.storm_until <= at)
    began = session.execute(this_site.where(calm).values(storm_until=at + LASTS)).rowcount  # type: ignore[attr-defined]
    if not began:
        session.execute(this_site.values(storm_until=at + LASTS))
    return bool(began)


def _left(passed: timedelta, half_life: timedelta) -> float:
    return math.exp2(-(passed / half_life))
