"""A sighting: when and where a site's embed was last seen, and what last went wrong with it.

It answers “is it installed right?” and knows pages' origins only, nothing of who read them.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from commentbox.db import Base, UtcDateTime
from commentbox.models.site import Site

ORIGIN_MAX_CHARS = 300


class Sighting(Base):
    """The last time that a site was seen well, and the last trouble."""

    __tablename__ = "commentbox_sighting"

    site_id: Mapped[int] = mapped_column(ForeignKey(Site.id, ondelete="CASCADE"), primary_key=True)
    seen_origin: Mapped[str | None] = mapped_column(String(ORIGIN_MAX_CHARS))
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    trouble: Mapped[str | None] = mapped_column(String(40))  # a problem's code: "origin_refused"
    trouble_origin: Mapped[str | None] = mapped_column(String(ORIGIN_MAX_CHARS))
    trouble_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
