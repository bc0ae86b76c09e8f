"""Change what a member may do on a site, or take the membership or the whole account away."""

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from commentbox.db import atomic, session
from commentbox.errors import Refused, Unknown
from commentbox.models import Membership, Moderator, Role


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
    with atomic() as current:
        _hold_owners(current, site_id)
        membership = _member(current, membership_id, site_id)
        membership.role = role.value
        _require_an_owner(current, site_id)
        return membership


def remove_member(membership_id: int, site_id: int | None) -> None:
    """Take a membership away; the account stays. Raises UnknownMember and LastOwner."""
    with atomic() as current:
        _hold_owners(current, site_id)
        current.delete(_member(current, membership_id, site_id))
        _require_an_owner(current, site_id)


def remove_account(moderator_id: int) -> None:
    """Take an account away; what it decided stays, without a name. Raises LastOwner."""
    with atomic() as current:
        account = current.get_one(Moderator, moderator_id)
        owned = [m.site_id for m in account.memberships if m.role == Role.OWNER]
        for site_id in owned:
            _hold_owners(current, site_id)
        current.delete(account)
        for site_id in owned:
            _require_an_owner(current, site_id)


def somebody_owns_every_site() -> bool:
    """Whether there is an account that may add sites."""
    return session().scalar(_owners(None).limit(1)) is not None


def _member(current: Session, membership_id: int, site_id: int | None) -> Membership:
    membership = current.get(Membership, membership_id)
    if membership is None or membership.site_id != site_id:
        raise UnknownMember
    return membership


def _hold_owners(current: Session, site_id: int | None) -> None:
    """Hold a site's owners against other deeds: two who remove each other at once would both go."""
    current.scalars(_owners(site_id).order_by(Membership.id).with_for_update()).all()


def _require_an_owner(current: Session, site_id: int | None) -> None:
    current.flush()
    if current.scalar(_owners(site_id).limit(1)) is None:
        raise LastOwner


def _owners(site_id: int | None) -> Select[int]:
    return select(Membership.id).where(
        Membership.role == Role.OWNER.value,
        or_(Membership.site_id.is_(None), Membership.site_id == site_id),
    )
