"""A moderator: an account, and the sites where it decides."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commentbox import clock
from commentbox.db import Base, RowId, UtcDateTime
from commentbox.models.site import Site


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
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)

    memberships: Mapped[list["Membership"]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", back_populates="moderator"
    )

    def decides_on(self, site_id: int) -> bool:
        """Whether the moderator may decide on comments of the site."""
        return any(m.site_id in (None, site_id) for m in self.memberships)


class Membership(Base):
    """A moderator's role on a site; on every site when ``site_id`` is None."""

    __tablename__ = "commentbox_membership"
    __table_args__ = (UniqueConstraint("moderator_id", "site_id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    moderator_id: Mapped[int] = mapped_column(ForeignKey(Moderator.id, ondelete="CASCADE"))
    site_id: Mapped[int | None] = mapped_column(ForeignKey(Site.id, ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(12), default=Role.MODERATOR.value)
    moderator: Mapped[Moderator] = relationship(back_populates="memberships")
