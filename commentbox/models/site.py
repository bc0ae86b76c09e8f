"""A site: one blog, its origins and its owner's policy."""

import re
from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint, inspect, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from commentbox import clock
from commentbox.db import Base, RowId, UtcDateTime
from commentbox.errors import SetupError, UnknownSite
from commentbox.origins import origin_of

KEY_PATTERN = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")


class Moderation(StrEnum):
    """Which comments wait for a moderator."""

    OPEN = "open"  # only the doubtful ones
    KNOWN = "known"  # those of authors without approved comments, and the doubtful ones
    ALL = "all"  # every one


class Site(Base):
    """One blog. Its policy columns are what ``commentbox site set KEY NAME=VALUE`` changes."""

    __tablename__ = "commentbox_site"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    language: Mapped[str] = mapped_column(String(16), default="en")
    version: Mapped[int] = mapped_column(default=1)  # bumped with the policy: it shows in threads
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)

    moderation: Mapped[str] = mapped_column(String(8), default=Moderation.OPEN.value)
    is_open: Mapped[bool] = mapped_column(default=True)
    pace_seconds: Mapped[int] = mapped_column(default=3)
    max_links: Mapped[int] = mapped_column(default=2)
    max_length_chars: Mapped[int] = mapped_column(default=10_000)
    max_depth: Mapped[int] = mapped_column(default=5)
    page_size: Mapped[int] = mapped_column(default=50)
    edit_window_seconds: Mapped[int] = mapped_column(default=900)
    require_name: Mapped[bool] = mapped_column(default=False)
    require_email: Mapped[bool] = mapped_column(default=False)
    votes: Mapped[bool] = mapped_column(default=True)
    known_after: Mapped[int] = mapped_column(default=1)
    young_days: Mapped[int] = mapped_column(default=0)
    old_thread_days: Mapped[int] = mapped_column(default=0)
    reports_to_hold: Mapped[int] = mapped_column(default=3)
    held_words: Mapped[str] = mapped_column(
        Text, default=""
    )  # entries of spam/words.py, one a line
    storm_held: Mapped[int] = mapped_column(default=10)

    texts: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # see actions/looks.py
    colours: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)

    # How much is being held: see models/storm.py. Nobody sets these.
    held_recently: Mapped[float] = mapped_column(default=0.0)
    held_usually: Mapped[float] = mapped_column(default=0.0)
    held_counted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    storm_until: Mapped[datetime | None] = mapped_column(UtcDateTime)

    origins: Mapped[list["SiteOrigin"]] = relationship(
        back_populates="site",
        cascade="all, delete-orphan",
        order_by="SiteOrigin.id",
    )

    def has_origin(self, origin: str) -> bool:
        """Whether pages of this origin, e.g. ``https://example.org``, belong to the site."""
        return any(known.origin == origin for known in self.origins)

    def add_origin(self, address: str) -> None:
        """Add the origin of an address; nothing happens when the site has it."""
        origin = normalised_origin(address)
        if not self.has_origin(origin):
            self.origins.append(SiteOrigin(origin=origin))

    def has_storm_at(self, moment: datetime) -> bool:
        """Whether far more than usual is being held."""
        return self.storm_until is not None and moment < self.storm_until

    def touch(self) -> None:
        """Let every prepared answer of the site be out of date."""
        self.version += 1


class SiteOrigin(Base):
    """An origin whose pages may show and write a site's threads."""

    __tablename__ = "commentbox_site_origin"
    __table_args__ = (UniqueConstraint("site_id", "origin"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey(Site.id, ondelete="CASCADE"))
    origin: Mapped[str] = mapped_column(String(300))
    site: Mapped[Site] = relationship(back_populates="origins")


def number_of(site: Site) -> int:
    """Return a stored site's number, also when all else of the row would have to be read again."""
    (number,) = inspect(site).identity or (site.id,)
    return int(number)


def site_with_key(session: Session, key: str) -> Site:
    """Return a site by its key. Raises UnknownSite."""
    # A key that cannot be one is not looked up: PostgreSQL refuses NUL.
    is_key = KEY_PATTERN.fullmatch(key)
    site = session.scalar(select(Site).where(Site.key == key)) if is_key else None
    if site is None:
        raise UnknownSite(site=key[:64])
    return site


def normalised_origin(address: str) -> str:
    """Return the origin of an address as browsers write it, e.g. ``https://example.org``.

    Raises SetupError for anything but an http or https address.
    """
    origin = origin_of(address)
    if origin is None:
        raise SetupError(
            "“%(address)s” is not an origin: write it like https://example.org.", address=address
        )
    return origin
