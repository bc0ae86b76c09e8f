"""A report: a reader's word that a comment should be looked at."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from commentbox import clock
from commentbox.db import Base, RowId, UtcDateTime
from commentbox.models.comment import Comment

_IS_OPEN = text("decision_id IS NULL")


class Report(Base):
    """One network's report of one comment; a second one replaces the reason.

    It is open until a moderator decides on the comment; that decision's number settles it.
    """

    __tablename__ = "commentbox_report"
    __table_args__ = (
        Index(
            "ix_commentbox_report_open",
            "comment_id",
            sqlite_where=_IS_OPEN,
            postgresql_where=_IS_OPEN,
        ),
    )

    comment_id: Mapped[int] = mapped_column(
        ForeignKey(Comment.id, ondelete="CASCADE"), primary_key=True
    )
    network: Mapped[str] = mapped_column(String(32), primary_key=True)
    reason: Mapped[str] = mapped_column(Text, default="")
    reported_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    decision_id: Mapped[int | None] = mapped_column(RowId, index=True)  # what settled it
