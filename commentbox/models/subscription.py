"""A subscription: one address wants to hear of replies to one comment, and has said so itself."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, LargeBinary, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from commentbox.db import Base, RowId, UtcDateTime
from commentbox.models.comment import Comment
from commentbox.models.site import Site
from commentbox.models.thread import Thread

UNCONFIRMED_KEPT_FOR = timedelta(days=7)
"""An address that nobody confirmed is forgotten after that."""


class Subscription(Base):
    """Double opt-in: asked for with a comment, silent until its address confirmed.

    ``requested_at``, ``confirmed_at`` and ``language`` are the proof of consent; unsubscribing
    deletes the row.
    """

    __tablename__ = "commentbox_subscription"
    __table_args__ = (
        Index("ix_commentbox_subscription_email", "email", "site_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey(Site.id, ondelete="CASCADE"), index=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey(Thread.id, ondelete="CASCADE"), index=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey(Comment.id, ondelete="CASCADE"), index=True)
    email: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(16))
    network: Mapped[str] = mapped_column(String(32))  # token, see models/network.py
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    wants_decision: Mapped[bool] = mapped_column(default=False)

    @property
    def is_confirmed(self) -> bool:
        """Whether the owner of the address has said yes."""
        return self.confirmed_at is not None


class MailRefusal(Base):
    """An address that wants nothing from a site, not even to be asked; kept as a digest only."""

    __tablename__ = "commentbox_mail_refusal"

    site_id: Mapped[int] = mapped_column(ForeignKey(Site.id, ondelete="CASCADE"), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)


def refuse_mail(session: Session, site_id: int, email: str) -> None:
    """Let an address never be written to for a site again."""
    session.merge(MailRefusal(site_id=site_id, digest=address_digest(email)))


def refuses_mail(session: Session, site_id: int, email: str) -> bool:
    """Whether an address wants nothing from a site."""
    key = (site_id, address_digest(email))
    return session.get(MailRefusal, key) is not None


def subscriptions_of(session: Session, site_id: int, email: str) -> list[Subscription]:
    """Return all that an address asked for on a site, confirmed or not."""
    found = session.scalars(
        select(Subscription).where(Subscription.email == email, Subscription.site_id == site_id)
    )
    return list(found)


def address_digest(email: str) -> bytes:
    """Return what an address is known again by without being kept."""
    return hashlib.sha256(f"commentbox:{email.strip().lower()}".encode()).digest()
