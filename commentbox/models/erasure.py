"""An erasure: whose data must not come back, known by a digest of the address only."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from commentbox.db import Base, RowId, UtcDateTime
from commentbox.models.site import Site


class ErasureMode(StrEnum):
    """What becomes of the comments of somebody who wants to be forgotten."""

    ANONYMISE = "anonymise"  # the words stay, nobody knows whose they are
    DELETE = "delete"  # the words go, too


class Erasure(Base):
    """One address on one site; applied again to what a backup or an import brings back."""

    __tablename__ = "commentbox_erasure"
    __table_args__ = (UniqueConstraint("site_id", "digest"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey(Site.id, ondelete="CASCADE"))
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))  # see address_digest
    mode: Mapped[str] = mapped_column(String(12))
    erased_at: Mapped[datetime] = mapped_column(UtcDateTime)
