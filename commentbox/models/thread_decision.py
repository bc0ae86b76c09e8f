"""A decision on a thread: who closed, pinned, moved, merged or described it, and when."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from commentbox import clock
from commentbox.db import Base, RowId, UtcDateTime
from commentbox.models.moderator import Moderator
from commentbox.models.site import Site
from commentbox.models.thread import Thread


class Deed(StrEnum):
    """What can be done to a thread."""

    CLOSED = "closed"
    OPENED = "opened"
    PINNED = "pinned"
    UNPINNED = "unpinned"
    MOVED = "moved"
    MERGED = "merged"
    SPLIT = "split"  # a merge taken back
    DESCRIBED = "described"
    UNALIASED = "unaliased"  # a key no longer leads to it
    ALIASED = "aliased"  # that key does again


class ThreadDecision(Base):
    """One deed on one thread. ``facts`` are what the rows no longer tell, e.g. ``{"from": "/old"}``."""

    __tablename__ = "commentbox_thread_decision"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey(Site.id, ondelete="CASCADE"), index=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey(Thread.id, ondelete="CASCADE"), index=True)
    moderator_id: Mapped[int | None] = mapped_column(
        ForeignKey(Moderator.id, ondelete="SET NULL"), index=True
    )
    deed: Mapped[str] = mapped_column(String(12))
    facts: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)
    entrance: Mapped[str] = mapped_column(String(12))
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
