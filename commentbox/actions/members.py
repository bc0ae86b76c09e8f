"""Change what a member may do on a site, or take the membership away."""

from sqlalchemy import Select, or_, select
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
        _hold_owners(session, site_id)
        membership = _member(session, membership_id, site_id)
        membership.role = role.value
        _require_an_owner(session, site_id)
        return membership


def remove_member(membership_id: int, site_id: int | None) -> None:
    """Take a membership away; the account stays. Raises UnknownMember and LastOwner."""
    with atomic() as session:
        _hold_owners(session, site_id)
        session.delete(_member(session, membership_id, site_id))
        _require_an_owner(session, site_id)


def _member(session: Session, membership_id: int, site_id: int | None) -> Membership:
    membership = session.get(Membership, membership_id)
    if membership is None or membership.site_id != site_id:
        raise UnknownMember
    return membership


def _hold_owners(session: Session, site_id: int | None) -> None:
    """Hold a site's owners against other deeds: two who remove each other at once would both go."""
    session.scalars(_owners(site_id).order_by(Membership.id).with_for_update()).all()


def _require_an_owner(session: Session, site_id: int | None) -> None:
    session.flush()
    if session.scalar(_owners(site_id).limit(1)) is None:
        raise LastOwner


def _owners(site_id: int | None) -> Select[int]:
    return select(Membership.id).where(
        Membership.role == Role.OWNER.value,
        or_(Membership.site_id.is_(None), Membership.site_id == site_id),
    )
