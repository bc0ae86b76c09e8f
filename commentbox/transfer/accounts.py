"""Accounts that an archive names: who decided, and who belongs to the site."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from commentbox.models import MailPreference, Membership, Moderator, Pace, Role
from commentbox.models.password import nobodys_hash
from commentbox.transfer.columns import read

EMAIL_MAX_CHARS = 254


def account_of(session: Session, told: Mapping[str, object]) -> int | None:
    """Return the account that made what is told; one that nobody can sign in to if it is new."""
    account = _account(session, told.get("by"))
    return account.id if account else None


def add_account(session: Session, told: Mapping[str, object], site_id: int) -> None:
    """Add an account that an archive describes, with its role on the site.

    What an account that is there says of itself stays.
    """
    email = told.get("email")
    is_new = isinstance(email, str) and _known(session, email.strip().lower()) is None
    account = _account(session, email)
    if account is None:
        return
    if is_new:
        columns = read(Moderator, told)
        account.name = str(columns.get("name", ""))
        account.created_at = columns.get("created_at", account.created_at)
        if told.get("pace") in list(Pace):  # by hand it may be anything, also what has no hash
            session.add(MailPreference(moderator_id=account.id, pace=str(told["pace"])))
    if told.get("role") in list(Role):
        session.add(Membership(moderator_id=account.id, site_id=site_id, role=str(told["role"])))


def _account(session: Session, written: object) -> Moderator | None:
    if not isinstance(written, str) or "@" not in written or len(written) > EMAIL_MAX_CHARS:
        return None
    email = written.strip().lower()
    if (known := _known(session, email)) is not None:
        return known
    made = Moderator(email=email, password_hash=nobodys_hash(), memberships=[])
    session.add(made)
    session.flush()
    return made


def _known(session: Session, email: str) -> Moderator | None:
    return session.scalar(select(Moderator).where(Moderator.email == email))
