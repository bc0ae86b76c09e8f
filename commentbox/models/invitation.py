"""An invitation: somebody may become a member of a site, by a link that serves once."""

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from commentbox import clock
from commentbox.db import Base, RowId, UtcDateTime
from commentbox.models.moderator import Moderator
from commentbox.models.site import Site

VALID_FOR = timedelta(days=7)


class Invitation(Base):
    """One address invited to one site, to every site when ``site_id`` is None.

    It is gone once accepted or withdrawn; its link is its number, signed.
    """

    __tablename__ = "commentbox_invitation"
    # A number once given is never given again: links name it.
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    site_id: Mapped[int | None] = mapped_column(ForeignKey(Site.id, ondelete="CASCADE"), index=True)
    email: Mapped[str] = mapped_column(String(254))  # lower case
    role: Mapped[str] = mapped_column(String(12))
    moderator_id: Mapped[int | None] = mapped_column(
        ForeignKey(Moderator.id, ondelete="SET NULL"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)

    @property
    def expires_at(self) -> datetime:
        """When its link stops to serve."""
        return self.created_at + VALID_FOR

    def is_over_at(self, moment: datetime) -> bool:
        """Whether its link no longer serves."""
        return moment >= self.expires_at
