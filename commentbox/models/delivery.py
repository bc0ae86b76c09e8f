"""A delivery: one event on its way to one endpoint, and the log of its attempts."""

from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from commentbox.db import Base, RowId, UtcDateTime
from commentbox.models.endpoint import Endpoint
from commentbox.models.event import Event
from commentbox.models.outgoing import Outgoing, OutgoingState, due_index

BODY_MAX_BYTES = 1024
KEPT_FOR = timedelta(days=7)
"""How long events, deliveries and attempts can be looked at and replayed."""


class Delivery(Outgoing, Base):
    """At least once; every attempt carries the event's id and says the same."""

    __tablename__ = "commentbox_delivery"
    __table_args__ = (
        UniqueConstraint("event_id", "endpoint_id"),
        due_index("commentbox_delivery"),
        Index("ix_commentbox_delivery_endpoint", "endpoint_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey(Event.id, ondelete="CASCADE"))
    endpoint_id: Mapped[int] = mapped_column(ForeignKey(Endpoint.id, ondelete="CASCADE"))
    queued_at: Mapped[datetime] = mapped_column(UtcDateTime)

    event: Mapped[Event] = relationship(lazy="raise_on_sql")
    endpoint: Mapped[Endpoint] = relationship(lazy="raise_on_sql")


class Attempt(Base):
    """What came of sending once: the receiver's status and first words, or what went wrong."""

    __tablename__ = "commentbox_attempt"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    delivery_id: Mapped[int] = mapped_column(
        ForeignKey(Delivery.id, ondelete="CASCADE"), index=True
    )
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    took_ms: Mapped[int]
    status: Mapped[int | None]
    problem: Mapped[str | None] = mapped_column(String(40))  # a word of outbound.Trouble
    body: Mapped[str] = mapped_column(Text, default="")


def give_up_all(session: Session, endpoint: Endpoint, at: datetime) -> None:
    """Let nothing wait for an endpoint that is disabled; a replay can send it all later."""
    session.execute(
        update(Delivery)
        .where(Delivery.endpoint_id == endpoint.id, Delivery.state == OutgoingState.PENDING)
        .values(state=OutgoingState.FAILED.value, claim=None, done_at=at)
    )


def start_all_again(session: Session, which: ColumnElement[bool], at: datetime) -> int:
    """Let many be sent once more, as ``start_again`` does with one; return how many.

    By one statement: while thousands were written one by one, nobody could post.
    """
    result = session.execute(
        update(Delivery)
        .where(which)
        .values(
            state=OutgoingState.PENDING.value, claim=None, due_at=at, attempt_count=0, done_at=None
        )
        .execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)
    return result.rowcount
