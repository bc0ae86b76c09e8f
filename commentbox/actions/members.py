"""Change what a member may do on a site, or take the membership away."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from commentbox.db import atomic
from commentbox.errors import Refused, Unknown
from commentbox.models import Membership, Role


class UnknownMember(Unknown):
    """The site has no such member."""

    code = "unknown_member"
    message = "There is no such member."


class LastOwner(Refused):
    """Nobody would own the site."""

    code = "last_owner"
    message = "A site needs an owner: make somebody else one first."


def set_role(membership_id: int, site_id: int | None, role: Role) -> Membership:
    """Give a member of a site another role. Raises UnknownMember and LastOwner."""
    with atomic() as session:
        membership = _member(session, membership_id, site_id)
        membership.role = role.value
        _require_an_owner(session, site_id)
        return membership


def remove_member(membership_id: int, site_id: int | None) -> None:
    """Take a membership away; the account stays. Raises UnknownMember and LastOwner."""
    with atomic() as session:
        session.delete(_member(session, membership_id, site_id))
        _require_an_owner(session, site_id)


def _member(session: Session, membership_id: int, site_id: int | None) -> Membership:
    membership = session.get(Membership, membership_id)
    if membership is None or membership.site_id != site_id:
        raise UnknownMember
    return membership


def _require_an_owner(session: Session, site_id: int | None) -> None:
    session.flush()
    owners = select(Membership.id).where(
        Membership.role == Role.OWNER.value,
        or_(Membership.site_id.is_(None), Membership.site_id == site_id),
    )
    if session.scalar(owners.limit(1)) is None:
        raise LastOwner
