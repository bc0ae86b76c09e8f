"""Tell a site's owners that an endpoint fails or was disabled."""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from commentbox.models import Endpoint, Membership, Moderator, Role
from commentbox.models.mail import queue_mail


def warn_of(session: Session, endpoint: Endpoint, at: datetime) -> None:
    """Queue a mail to every owner of the endpoint's site, inside the caller's transaction."""
    site = endpoint.site
    owners = session.scalars(
        select(Moderator)
        .join(Moderator.memberships)
        .where(
            Membership.role == Role.OWNER,
            or_(Membership.site_id == site.id, Membership.site_id.is_(None)),
        )
        .distinct()
    )
    facts = {
        "path": f"/dashboard/endpoints/{endpoint.id}",
        "host": endpoint.host,
        "site": site.name or site.key,
        "reason": endpoint.disabled_because,
        "failing_since": endpoint.failing_since.isoformat() if endpoint.failing_since else None,
    }
    for owner in owners:
        queue_mail(
            session,
            to=owner.email,
            template="endpoint",
            facts=facts,
            language=site.language,
            at=at,
            site=site,
        )
