"""A moderator: an account, and the sites where it decides."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from commentbox import clock
from commentbox.db import Base, RowId, UtcDateTime
from commentbox.models.site import Site

ENDED_VISITS_MAX = 100


class Role(StrEnum):
    """What a moderator may do on a site."""

    OWNER = "owner"
    MODERATOR = "moderator"


class Moderator(Base):
    """An account of the dashboard."""

    __tablename__ = "commentbox_moderator"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)  # lower case
    password_hash: Mapped[str] = mapped_column(String(300))
    name: Mapped[str] = mapped_column(String(100), default="")  # above replies, for all to see
    # Part of every session's cookie; a new number ends the sessions that carry the old one.
    session_number: Mapped[int] = mapped_column(default=1)
    # Of cookies whose browser signed out: a digest of each nonce, and when the cookie would end.
    ended_visits: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)

    totp_secret: Mapped[str | None] = mapped_column(String(64))  # None: no second factor
    totp_step: Mapped[int] = mapped_column(RowId, default=0)  # of the last code that was used
    recovery_digests: Mapped[list[str]] = mapped_column(JSON, default=list)
    wrong_codes: Mapped[int] = mapped_column(default=0)  # since ``wrong_codes_since``
    wrong_codes_since: Mapped[datetime | None] = mapped_column(UtcDateTime)

    memberships: Mapped[list["Membership"]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", back_populates="moderator"
    )

    @property
    def has_second_factor(self) -> bool:
        """Whether the password alone does not sign in."""
        return self.totp_secret is not None

    def has_ended(self, nonce: str) -> bool:
        """Whether the browser whose cookie carries the nonce has signed out."""
        return _digest(nonce) in self.ended_visits

    def end_visit(self, nonce: str, until: datetime, at: datetime) -> None:
        """Let a cookie count no more, which would else be good until then."""
        going_on = {kept: end for kept, end in self.ended_visits.items() if end > at.timestamp()}
        if len(going_on) >= ENDED_VISITS_MAX:
            # Who signs in and out that often ends every other session, too.
            self.session_number, going_on = self.session_number + 1, {}
        self.ended_visits = going_on | {_digest(nonce): int(until.timestamp())}

    @property
    def owns_every_site(self) -> bool:
        """Whether the moderator may add sites, and owns those that are there."""
        return any(m.site_id is None and m.role == Role.OWNER for m in self.memberships)

    def role_on(self, site_id: int) -> Role | None:
        """Return what the moderator may do on a site, the most that any membership says."""
        roles = {m.role for m in self.memberships if m.site_id in (None, site_id)}
        return next((role for role in (Role.OWNER, Role.MODERATOR) if role in roles), None)

    def decides_on(self, site_id: int) -> bool:
        """Whether the moderator may decide on comments of the site."""
        return self.role_on(site_id) is not None

    def owns(self, site_id: int) -> bool:
        """Whether the moderator may change the site's settings and members."""
        return self.role_on(site_id) is Role.OWNER


class Membership(Base):
    """A moderator's role on a site; on every site when ``site_id`` is None."""

    __tablename__ = "commentbox_membership"
    __table_args__ = (UniqueConstraint("moderator_id", "site_id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    moderator_id: Mapped[int] = mapped_column(ForeignKey(Moderator.id, ondelete="CASCADE"))
    site_id: Mapped[int | None] = mapped_column(ForeignKey(Site.id, ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(12), default=Role.MODERATOR.value)
    moderator: Mapped[Moderator] = relationship(back_populates="memberships")


def owner_addresses(session: Session, site_id: int) -> Sequence[str]:
    """Return the addresses of a site's owners, those of every site among them."""
    owners = (
        select(Moderator.email)
        .join(Membership)
        .where(
            Membership.role == Role.OWNER.value,
            or_(Membership.site_id.is_(None), Membership.site_id == site_id),
        )
    )
    return session.scalars(owners.distinct()).all()


def _digest(nonce: str) -> str:
    return hashlib.sha256(nonce.encode()).hexdigest()[:32]
