"""A ban: whom, or which word, a site's moderators want to hear of no more."""

from collections.abc import Collection
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    String,
    Text,
    UniqueConstraint,
    and_,
    bindparam,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from commentbox import clock
from commentbox.db import Base, RowId, UtcDateTime
from commentbox.models.moderator import Moderator
from commentbox.models.network import KEPT_FOR
from commentbox.models.site import Site
from commentbox.models.subscription import address_digest
from commentbox.rows import table_of
from commentbox.statements import Statement

VALUE_MAX_CHARS = 254
ERASED = "#"
"""Begins the value of a ban whose address was erased; no address begins so and lacks an “@”."""


class BanKind(StrEnum):
    """What a ban names."""

    AUTHOR = "author"  # who is provably the author of a comment: Comment.author
    ADDRESS = "address"  # an e-mail address, or with “@” in front all of a domain
    NETWORK = "network"  # a network token
    WORD = "word"  # an entry as in spam/words.py


class Ban(Base):
    """One ban on one site. A shadow ban holds in silence, an open one refuses and says so."""

    __tablename__ = "commentbox_ban"
    __table_args__ = (UniqueConstraint("site_id", "kind", "value"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey(Site.id, ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(8))
    value: Mapped[str] = mapped_column(String(VALUE_MAX_CHARS))
    label: Mapped[str] = mapped_column(Text, default="")  # the author's name, for moderators
    is_open: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(Text, default="")
    moderator_id: Mapped[int | None] = mapped_column(
        ForeignKey(Moderator.id, ondelete="SET NULL"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def is_of_erased(self) -> bool:
        """Whether it holds for an address that is known by a digest only."""
        return (
            self.kind == BanKind.ADDRESS and self.value.startswith(ERASED) and "@" not in self.value
        )

    def is_over_at(self, moment: datetime) -> bool:
        """Whether its time has come."""
        return self.expires_at is not None and moment >= self.expires_at


def end_of_network(written_at: datetime) -> datetime:
    """Return when the token of a comment's network leads nowhere, and a ban of it with it."""
    last_day = written_at.astimezone(UTC).date() + KEPT_FOR
    return datetime.combine(last_day + timedelta(days=1), time.min, UTC)


def bans_in_force(
    session: Session,
    site: Site,
    at: datetime,
    *,
    author: int | None,
    email: str,
    networks: Collection[str],
) -> list[Ban]:
    """Return the site's bans that name a sender, and all that name a word; one short query."""
    address = email.lower()
    named = {
        BanKind.AUTHOR: [] if author is None else [str(author)],
        BanKind.ADDRESS: _values_of(address) if address else [],
        BanKind.NETWORK: networks,
    }
    asked: dict[str, str | None] = {place: None for places in _PLACES.values() for place in places}
    for kind, values in named.items():
        asked |= dict(zip(_PLACES[kind], values, strict=False))
    found = IN_FORCE.run(session, {"site_id": site.id, "at": at, **asked})
    return [Ban(**dict(zip(_COLUMNS, row, strict=True))) for row in found]


def value_of_erased(address: str) -> str:
    """Return what a ban knows an address by that must not be kept."""
    return ERASED + address_digest(address).hex()


def _values_of(address: str) -> list[str]:
    return [address, "@" + address.rpartition("@")[2], value_of_erased(address)]


_PLACES = {
    BanKind.AUTHOR: ("author",),
    BanKind.ADDRESS: ("address", "domain", "erased"),
    BanKind.NETWORK: ("network", "earlier_network"),
}
"""What the question has places for, by what is banned; what stays empty finds nothing."""


def _names(kind: BanKind) -> ColumnElement[bool]:
    places = [bindparam(place, type_=Ban.value.type) for place in _PLACES[kind]]
    return and_(Ban.kind == kind.value, Ban.value.in_(places))


_COLUMNS = tuple(table_of(Ban).columns.keys())
IN_FORCE = Statement(
    select(table_of(Ban)).where(
        Ban.site_id == bindparam("site_id"),
        or_(Ban.expires_at.is_(None), Ban.expires_at > bindparam("at", type_=UtcDateTime())),
        or_(Ban.kind == BanKind.WORD.value, *map(_names, _PLACES)),
    )
)
