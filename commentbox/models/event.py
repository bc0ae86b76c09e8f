"""An event: what happened to a comment or a thread, kept for those who want to be told."""

import secrets
from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    JSON,
    ForeignKey,
    Index,
    String,
    bindparam,
    delete,
    insert,
    null,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from commentbox import clock
from commentbox.db import Base, RowId, UtcDateTime
from commentbox.models.address_proof import AddressProof
from commentbox.models.comment import Comment
from commentbox.models.subscription import Subscription
from commentbox.models.thread import Thread
from commentbox.rows import table_of
from commentbox.statements import Statement


class EventType(StrEnum):
    """What can happen; the names are what webhooks say."""

    COMMENT_POSTED = "comment.posted"
    """Somebody sent a comment or a reply; ``data.comment.state`` says what became of it."""

    COMMENT_HELD = "comment.held"
    """A comment waits for a moderator: a new one, an edited one, or one taken back into the queue."""

    COMMENT_PUBLISHED = "comment.published"
    """Readers see a comment from now on: a new one, or one that a moderator let in."""

    COMMENT_EDITED = "comment.edited"
    """Its author gave a comment another text."""

    COMMENT_REMOVED = "comment.removed"
    """A comment was removed, marked as spam, or deleted by its author; replies may stay."""

    COMMENT_REPORTED = "comment.reported"
    """A reader asks the moderators to look at a comment; ``data.report.reason`` says why."""

    THREAD_CLOSED = "thread.closed"
    """A thread takes no more comments."""

    WEBHOOK_TEST = "webhook.test"
    """Somebody pressed the button that tests an endpoint."""


TYPE_OF_STATE = {
    "published": EventType.COMMENT_PUBLISHED,
    "held": EventType.COMMENT_HELD,
    "spam": EventType.COMMENT_REMOVED,
    "removed": EventType.COMMENT_REMOVED,
}
"""The event of a comment that takes a state."""

_IS_NEW = text("is_new")


class Event(Base):
    """One thing that happened, written in the transaction in which it did.

    A worker finds the new ones, writes down whom to tell, and puts the payload together: the
    JSON that every webhook sends under the same ``uid``, however often it has to try.
    """

    __tablename__ = "commentbox_event"
    __table_args__ = (
        Index("ix_commentbox_event_new", "id", sqlite_where=_IS_NEW, postgresql_where=_IS_NEW),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    uid: Mapped[str] = mapped_column(String(40), default=lambda: new_uid())
    type: Mapped[str] = mapped_column(String(32))
    site_id: Mapped[int] = mapped_column(ForeignKey("commentbox_site.id", ondelete="CASCADE"))
    thread_id: Mapped[int | None] = mapped_column(ForeignKey(Thread.id, ondelete="CASCADE"))
    comment_id: Mapped[int | None] = mapped_column(
        ForeignKey(Comment.id, ondelete="CASCADE"), index=True
    )
    facts: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    is_new: Mapped[bool] = mapped_column(default=True)
    payloads: Mapped[dict[str, str] | None] = mapped_column(JSON)  # by payload version


_GIVEN = ("uid", "type", "site_id", "thread_id", "comment_id", "facts", "happened_at", "is_new")
NEW_EVENT = Statement(insert(table_of(Event)).values({name: bindparam(name) for name in _GIVEN}))


def record(
    session: Session,
    type: EventType,
    subject: Comment | Thread,
    at: datetime | None = None,
    **facts: object,
) -> None:
    """Write down that something happened, in the transaction in which it does.

    ``facts`` are what the rows will not tell later, e.g. ``reason="Advertisement"``; a comment's
    state is one of them.
    """
    comment = subject if isinstance(subject, Comment) else None
    if comment is not None:
        facts = {"state": comment.state, **facts}
    # Nobody asks the session for an event: it need not know of them.
    NEW_EVENT.run(
        session,
        {
            "uid": new_uid(),
            "type": type.value,
            "site_id": subject.site_id,
            "thread_id": subject.thread_id if isinstance(subject, Comment) else subject.id,
            "comment_id": comment.id if comment else None,
            "facts": facts,
            "happened_at": at or clock.now(),
            "is_new": True,
        },
    )


def forget_words(session: Session, comment: Comment) -> None:
    """Take what the author of a comment wrote out of all events, also of those under way.

    A delivery that is tried again then says the same thing under the same id, without the words.
    The address goes as well: nobody hears of replies to a comment that is gone.
    """
    for noun in (Subscription, AddressProof):
        session.execute(delete(noun).where(noun.comment_id == comment.id))
    session.execute(update(Event).where(Event.comment_id == comment.id).values(payloads=null()))


def new_uid() -> str:
    """Return a new webhook id, e.g. ``"msg_Zm9vYmFyYmF6cXV4MTIzNDU2"``; it holds no full stop."""
    return f"msg_{secrets.token_urlsafe(18)}"
