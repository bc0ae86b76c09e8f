"""A mail that waits to be sent, as facts: its words are made when it is."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from commentbox.db import Base, RowId, UtcDateTime
from commentbox.models.outgoing import Outgoing, due_index
from commentbox.models.site import Site

TEMPLATE_MAX_CHARS = 40


class Mail(Outgoing, Base):
    """One mail to one address.

    ``template`` names ``templates/commentbox/email/<template>.txt`` and ``.html``; ``facts`` is
    what they are filled with, or what the rows are found by that they are filled with.
    """

    __tablename__ = "commentbox_mail"
    __table_args__ = (
        due_index("commentbox_mail"),
        Index("ix_commentbox_mail_to", "to", "queued_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    to: Mapped[str] = mapped_column(String(254))
    template: Mapped[str] = mapped_column(String(TEMPLATE_MAX_CHARS))
    facts: Mapped[dict[str, object]] = mapped_column(JSON)
    language: Mapped[str] = mapped_column(String(16))
    site_id: Mapped[int | None] = mapped_column(ForeignKey(Site.id, ondelete="CASCADE"), index=True)
    queued_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    problem: Mapped[str | None] = mapped_column(String(300))  # what the last attempt came to


def queue_mail(
    session: Session,
    *,
    to: str,
    template: str,
    facts: Mapping[str, object],
    language: str,
    at: datetime,
    site: Site | None = None,
) -> Mail:
    """Let a mail be sent once the caller's transaction is on disk.

    ``facts`` must fit into JSON. Addresses among them are paths below the service, e.g.
    ``"/dashboard/invitations/a1b2"``; templates make links of them with ``link(path)``, of the
    configured public URL only. ``language`` is ``"de"`` or ``"en"``. Where the service has no mail
    server (``Settings.sends_mail``) a mail waits for three days and is then dropped with a line in
    the log: ask first, and show the link instead.
    """
    mail = Mail(
        to=to,
        template=template,
        facts=dict(facts),
        language=language,
        site_id=site.id if site else None,
        queued_at=at,
        due_at=at,
    )
    session.add(mail)
    return mail
