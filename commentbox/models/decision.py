"""A decision: who moved a comment from one state to another, when, why and by which entrance."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
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
    MAIL = "mail"  # by a link in a mail to the moderator


class Change(StrEnum):
    """What a decision did to a comment."""

    MOVED = "moved"  # to another state
    EDITED = "edited"  # by a moderator; ``before`` says what stood there
    KEPT = "kept"  # as it is, though readers reported it
    PURGED = "purged"  # nothing that was written is left


_IS_IN_A_BATCH = text("batch_id IS NOT NULL")


class Decision(Base):
    """One move of one comment, or one change of it; the audit log is made of them.

    What was decided on many comments at once shares a ``batch_id``, the number of its first
    decision. A decision that undoes another one names it.
    """

    __tablename__ = "commentbox_decision"
    __table_args__ = (
        Index(
            "ix_commentbox_decision_batch_id",
            "batch_id",
            "id",
            sqlite_where=_IS_IN_A_BATCH,
            postgresql_where=_IS_IN_A_BATCH,
        ),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey(Comment.id, ondelete="CASCADE"), index=True)
    moderator_id: Mapped[int | None] = mapped_column(
        ForeignKey(Moderator.id, ondelete="SET NULL"), index=True
    )
    change: Mapped[str] = mapped_column(String(8), default=Change.MOVED.value)
    old_state: Mapped[str] = mapped_column(String(12))
    new_state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(Text, default="")
    entrance: Mapped[str] = mapped_column(String(12))
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, index=True)
    batch_id: Mapped[int | None] = mapped_column(RowId)
    undoes_id: Mapped[int | None] = mapped_column(RowId)
    before: Mapped[dict[str, object] | None] = mapped_column(JSON(none_as_null=True))
