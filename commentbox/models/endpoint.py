"""An endpoint: an address of a site's owner that is told what happens, and how it fares."""

import base64
import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commentbox import clock
from commentbox.db import Base, RowId, UtcDateTime
from commentbox.models.event import EventType
from commentbox.models.site import Site

URL_MAX_CHARS = 2000
SECRET_BYTES = 32

WARNED_AFTER = timedelta(days=1)
DISABLED_AFTER = timedelta(days=5)
"""How long every attempt must have failed before the owner is warned, and before we stop."""

OLD_SECRET_SERVES_FOR = timedelta(days=1)
"""After a rotation messages carry a signature by the old secret, too, for so long."""


class Shape(StrEnum):
    """What the service behind an endpoint understands."""

    WEBHOOK = "webhook"  # Standard Webhooks, signed
    SLACK = "slack"
    DISCORD = "discord"
    MATTERMOST = "mattermost"  # and Rocket.Chat
    TEAMS = "teams"
    MATRIX = "matrix"
    TELEGRAM = "telegram"
    NTFY = "ntfy"


class DisabledBecause(StrEnum):
    """Why nothing is sent any more."""

    OWNER = "owner"
    GONE = "gone"  # it answered 410
    FAILING = "failing"  # nothing but failures for days


WORTH_A_MESSAGE = (EventType.COMMENT_POSTED, EventType.COMMENT_REPORTED)
"""What a chat is told unless its owner chose: one message for each comment, not two."""


class Endpoint(Base):
    """Where one site's events go. ``events`` lists the types it wants; empty: all of them."""

    __tablename__ = "commentbox_endpoint"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey(Site.id, ondelete="CASCADE"), index=True)
    url: Mapped[str] = mapped_column(String(URL_MAX_CHARS))
    shape: Mapped[str] = mapped_column(String(16), default=Shape.WEBHOOK.value)
    events: Mapped[list[str]] = mapped_column(JSON, default=list)
    payload_version: Mapped[int] = mapped_column(default=1)
    secret: Mapped[str] = mapped_column(String(100), default=lambda: new_secret())
    old_secret: Mapped[str | None] = mapped_column(String(100))
    old_secret_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    # Events with a lower number happened before anybody asked for them here.
    last_event_before: Mapped[int] = mapped_column(RowId, default=0)

    disabled_because: Mapped[str | None] = mapped_column(String(12))
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    warned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paused_until: Mapped[datetime | None] = mapped_column(UtcDateTime)  # it asked for time

    site: Mapped[Site] = relationship(lazy="joined", innerjoin=True)

    @property
    def is_enabled(self) -> bool:
        """Whether events are sent to it."""
        return self.disabled_because is None

    @property
    def host(self) -> str:
        """The host of its address: what may be shown, since the rest can hold a password."""
        return urlsplit(self.url).hostname or ""

    def wants(self, type: str) -> bool:
        """Whether its owner wants to be told of events of a type."""
        if self.events:
            return type in self.events
        return self.shape == Shape.WEBHOOK or type in WORTH_A_MESSAGE

    def secrets_at(self, moment: datetime) -> tuple[str, ...]:
        """Return the secrets to sign with, the newest first."""
        is_rotating = self.old_secret_until is not None and moment < self.old_secret_until
        if is_rotating and self.old_secret:
            return (self.secret, self.old_secret)
        return (self.secret,)

    def rotate(self, at: datetime) -> None:
        """Take a new secret; the old one goes on signing beside it for a day."""
        self.old_secret, self.old_secret_until = self.secret, at + OLD_SECRET_SERVES_FOR
        self.secret = new_secret()

    def note_success(self) -> None:
        """Forget that it failed. Columns that stay as they are cost no write."""
        self.failing_since = self.warned_at = None

    def note_failure(self, at: datetime) -> None:
        """Remember since when nothing has arrived."""
        self.failing_since = self.failing_since or at

    def pause(self, until: datetime) -> None:
        """Leave it alone until then, because it asked for that."""
        self.paused_until = max(until, self.paused_until or until)

    def is_to_be_warned_of(self, at: datetime) -> bool:
        """Whether its owner should hear now that nothing arrives."""
        return self.warned_at is None and self._has_failed_for(WARNED_AFTER, at)

    def has_failed_too_long(self, at: datetime) -> bool:
        """Whether it is time to stop."""
        return self._has_failed_for(DISABLED_AFTER, at)

    def disable(self, because: DisabledBecause) -> None:
        """Send nothing more, until its owner enables it again."""
        self.disabled_because = because.value

    def enable(self) -> None:
        """Send again what happens from now on."""
        self.disabled_because = self.failing_since = self.warned_at = self.paused_until = None

    def _has_failed_for(self, span: timedelta, at: datetime) -> bool:
        return self.failing_since is not None and at - self.failing_since >= span


def new_secret() -> str:
    """Return a new secret as Standard Webhooks writes it, e.g. ``"whsec_MfKQ9r8GKYqr…"``."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode("ascii")
