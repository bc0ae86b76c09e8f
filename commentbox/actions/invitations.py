"""Invite somebody to a site, withdraw the invitation, accept it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from commentbox.actions.moderators import give_role, long_enough, moderator_with, read_address
from commentbox.db import atomic
from commentbox.errors import FieldError, InvalidFields, Unknown
from commentbox.models import Invitation, Moderator, Role, Site
from commentbox.models.mail import queue_mail
from commentbox.models.password import password_hash

ALREADY_MEMBER = FieldError("email", "member", "This address belongs to a member already.")


class UnknownInvitation(Unknown):
    """There is no such invitation, or no more."""

    code = "unknown_invitation"
    message = "This invitation was used, withdrawn or is too old: ask for a new one."


@dataclass(frozen=True)
class Guest:
    """Who is invited, and to what. Without a site the role counts on every site."""

    email: str
    role: Role
    site: Site | None = None


@dataclass(frozen=True)
class Letter:
    """How an invitation is brought: the path of its link, e.g. ``"/dashboard/invitations/…"``."""

    path_of: Callable[[Invitation], str]
    language: str


def invite(
    guest: Guest, by: Moderator | None, at: datetime, letter: Letter | None = None
) -> Invitation:
    """Invite an address; an earlier invitation to the same site ends. Raises InvalidFields.

    With a letter a mail goes out, else whoever invites has to pass the link on.
    """
    email, site_id = read_address(guest.email), guest.site.id if guest.site else None
    with atomic() as session:
        known = moderator_with(session, email)
        if known is not None and _has_role(known, guest.role, site_id):
            raise InvalidFields(ALREADY_MEMBER)
        session.execute(
            delete(Invitation).where(
                Invitation.email == email, Invitation.site_id.is_not_distinct_from(site_id)
            )
        )
        invitation = Invitation(
            site_id=site_id,
            email=email,
            role=guest.role.value,
            moderator_id=by.id if by else None,
            created_at=at,
        )
        session.add(invitation)
        session.flush()
        if letter is not None:
            queue_mail(
                session,
                to=email,
                template="invitation",
                facts={
                    "path": letter.path_of(invitation),
                    "by": by.email if by else "",
                    "site": (guest.site.name or guest.site.key) if guest.site else "",
                },
                language=letter.language,
                at=at,
                site=guest.site,
            )
        return invitation


def withdraw(invitation_id: int) -> None:
    """Let an invitation's link serve no more."""
    with atomic() as session:
        session.execute(delete(Invitation).where(Invitation.id == invitation_id))


def accept_with_password(invitation_id: int, password: str, at: datetime) -> Moderator:
    """Make the account of who was invited. Raises InvalidFields and UnknownInvitation.

    An address that has an account by now must accept signed in: the link alone must not give a
    known account another password.
    """
    kept = password_hash(long_enough(password))
    with atomic() as session:
        invitation = _valid(session, invitation_id, at)
        if moderator_with(session, invitation.email) is not None:
            raise UnknownInvitation
        moderator = Moderator(email=invitation.email, password_hash=kept, memberships=[])
        session.add(moderator)
        _join(session, moderator, invitation)
        return moderator


def accept_as(invitation_id: int, moderator_id: int, at: datetime) -> Moderator:
    """Let an account join what its own address was invited to. Raises UnknownInvitation."""
    with atomic() as session:
        invitation = _valid(session, invitation_id, at)
        moderator = session.get_one(Moderator, moderator_id)
        if moderator.email != invitation.email:
            raise UnknownInvitation
        _join(session, moderator, invitation)
        return moderator


def _valid(session: Session, invitation_id: int, at: datetime) -> Invitation:
    invitation = session.scalar(
        select(Invitation).where(Invitation.id == invitation_id).with_for_update()
    )
    if invitation is None or invitation.is_over_at(at):
        raise UnknownInvitation
    return invitation


def _join(session: Session, moderator: Moderator, invitation: Invitation) -> None:
    role = Role(invitation.role)
    if not _has_role(moderator, role, invitation.site_id):
        give_role(moderator, role, invitation.site_id)
    session.delete(invitation)
    session.flush()


def _has_role(moderator: Moderator, role: Role, site_id: int | None) -> bool:
    """Whether an account may do as much already: nobody is invited to less than that."""
    roles = {m.role for m in moderator.memberships if m.site_id in (None, site_id)}
    return Role.OWNER in roles or role in roles
