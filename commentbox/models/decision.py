"""A decision: who moved a comment from one state to another, when, why and by which entrance."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from commentbox import clock
from commentbox.db import Base, RowId, UtcDateTime
from commentbox.models.comment import Comment
from commentbox.models.moderator import Moderator


class Entrance(StrEnum):
    """Where a decision came from."""

    DASHBOARD = "dashboard"
    CLI = "cli"
    AUTHOR = "author"  # with the comment's edit token
    RULE = "rule"


class Decision(Base):
    """One move of one comment; the audit log is made of them."""

    __tablename__ = "commentbox_decision"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey(Comment.id, ondelete="CASCADE"), index=True)
    moderator_id: Mapped[int | None] = mapped_column(
        ForeignKey(Moderator.id, ondelete="SET NULL"), index=True
    )
    old_state: Mapped[str] = mapped_column(String(12))
    new_state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(Text, default="")
    entrance: Mapped[str] = mapped_column(String(12))
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
