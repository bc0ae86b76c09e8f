"""Accounts that an archive names: who decided, without any right here."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from commentbox.models import Moderator
from commentbox.models.password import nobodys_hash

EMAIL_MAX_CHARS = 254


def account_of(session: Session, told: Mapping[str, object]) -> int | None:
    """Return the account that made what is told; one that nobody can sign in to if it is new."""
    by = told.get("by")
    if not isinstance(by, str) or "@" not in by or len(by) > EMAIL_MAX_CHARS:
        return None
    email = by.strip().lower()
    known = session.scalar(select(Moderator.id).where(Moderator.email == email))
    if known is not None:
        return known
    made = Moderator(email=email, password_hash=nobodys_hash(), memberships=[])
    session.add(made)
    session.flush()
    return made.id
