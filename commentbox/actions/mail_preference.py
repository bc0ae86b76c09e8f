"""Choose how often one hears of comments that wait."""

from commentbox.db import atomic
from commentbox.models import MailPreference, Pace


def choose_pace(moderator_id: int, pace: Pace) -> None:
    """Keep a moderator's choice."""
    with atomic() as session:
        session.merge(MailPreference(moderator_id=moderator_id, pace=pace.value))
