"""A report: a reader's word that a comment should be looked at."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from commentbox import clock
from commentbox.db import Base, UtcDateTime
from commentbox.models.comment import Comment


class Report(Base):
    """One network's report of one comment; a second one replaces the reason."""

    __tablename__ = "commentbox_report"

    comment_id: Mapped[int] = mapped_column(
        ForeignKey(Comment.id, ondelete="CASCADE"), primary_key=True
    )
    network: Mapped[str] = mapped_column(String(32), primary_key=True)
    reason: Mapped[str] = mapped_column(Text, default="")
    reported_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
