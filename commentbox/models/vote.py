"""A vote: one network's opinion of one comment on one day."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from commentbox.db import Base
from commentbox.models.comment import Comment


class Vote(Base):
    """+1 or -1; a vote taken back is no row."""

    __tablename__ = "commentbox_vote"

    comment_id: Mapped[int] = mapped_column(
        ForeignKey(Comment.id, ondelete="CASCADE"), primary_key=True
    )
    network: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[int]
