"""Send the link that gives an account another password."""

from collections.abc import Callable
from datetime import datetime

from commentbox.actions.moderators import moderator_with
from commentbox.db import atomic
from commentbox.models import Moderator
from commentbox.models.mail import queue_mail
from commentbox.models.password import is_password, nobodys_hash


def send_reset(
    email: str, path_of: Callable[[Moderator], str], language: str, at: datetime
) -> None:
    """Queue a mail to the account of an address; without one nothing happens, as slowly."""
    # As long as a password takes to check, next to which it does not show whether a mail is queued.
    is_password("", nobodys_hash())
    with atomic() as session:
        moderator = moderator_with(session, email)
        if moderator is None:
            return
        queue_mail(
            session,
            to=moderator.email,
            template="reset",
            facts={"path": path_of(moderator)},
            language=language,
            at=at,
        )
