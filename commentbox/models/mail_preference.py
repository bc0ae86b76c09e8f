"""When a moderator is written to about comments that wait."""

from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from commentbox.db import Base
from commentbox.models.moderator import Moderator


class Pace(StrEnum):
    """How often."""

    EACH = "each"  # at once, and together when many come
    DIGEST = "digest"  # once a day
    NEVER = "never"


class MailPreference(Base):
    """A moderator's choice; without a row it is ``each``."""

    __tablename__ = "commentbox_mail_preference"

    moderator_id: Mapped[int] = mapped_column(
        ForeignKey(Moderator.id, ondelete="CASCADE"), primary_key=True
    )
    pace: Mapped[str] = mapped_column(String(8))


def pace_of(session: Session, moderator: Moderator) -> Pace:
    """Return how often a moderator wants to hear of waiting comments."""
    chosen = session.get(MailPreference, moderator.id)
    return Pace(chosen.pace) if chosen else Pace.EACH
