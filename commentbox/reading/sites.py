"""What owners see of their sites: the sites themselves, members, bans, and a thread to look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from commentbox.models import Ban, Invitation, Membership, Moderator, Role, Sighting, Site, Thread


@dataclass(frozen=True)
class SiteLine:
    """A site in the list, with what the moderator is there."""

    site: Site
    role: Role
    sighting: Sighting | None


@dataclass(frozen=True)
class Member:
    """Somebody who decides on a site's comments."""

    membership_id: int
    email: str
    role: Role
    is_of_every_site: bool
    has_second_factor: bool


def sites_of(session: Session, moderator: Moderator) -> list[SiteLine]:
    """Return the sites where the moderator decides, by name."""
    sites = session.execute(
        select(Site, Sighting).outerjoin(Sighting, Sighting.site_id == Site.id).order_by(Site.key)
    )
    roles = ((site, moderator.role_on(site.id), sighting) for site, sighting in sites)
    return [SiteLine(site, role, sighting) for site, role, sighting in roles if role is not None]


def members_of(session: Session, site: Site) -> list[Member]:
    """Return who decides on a site, those of every site as well, by address."""
    rows = session.execute(
        select(Membership, Moderator)
        .join(Moderator, Moderator.id == Membership.moderator_id)
        .where(or_(Membership.site_id.is_(None), Membership.site_id == site.id))
        .order_by(Moderator.email, Membership.id)
    )
    return [
        Member(m.id, account.email, Role(m.role), m.site_id is None, account.has_second_factor)
        for m, account in rows
    ]


def invitations_of(session: Session, site: Site, at: datetime) -> list[Invitation]:
    """Return who is invited to a site and has not come yet, the newest first."""
    invitations = session.scalars(
        select(Invitation)
        .where(or_(Invitation.site_id.is_(None), Invitation.site_id == site.id))
        .order_by(Invitation.id.desc())
    )
    return [invitation for invitation in invitations if not invitation.is_over_at(at)]


def bans_of(session: Session, site: Site, at: datetime) -> Sequence[tuple[Ban, str | None]]:
    """Return the bans in force on a site with who set each, the newest first."""
    rows = session.execute(
        select(Ban, Moderator.email)
        .outerjoin(Moderator, Moderator.id == Ban.moderator_id)
        .where(Ban.site_id == site.id)
        .order_by(Ban.id.desc())
    )
    return [(ban, email) for ban, email in rows if not ban.is_over_at(at)]


def liveliest_page(session: Session, site: Site) -> str | None:
    """Return the key of the thread with the most comments; None before the first."""
    return session.scalar(
        select(Thread.key)
        .where(Thread.site_id == site.id, Thread.count > 0)
        .order_by(Thread.count.desc(), Thread.id)
        .limit(1)
    )
