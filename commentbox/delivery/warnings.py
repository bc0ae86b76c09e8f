"""Tell a site's owners that an endpoint fails or was disabled."""

from datetime import datetime

from sqlalchemy.orm import Session

from commentbox.models import Endpoint
from commentbox.models.mail import queue_mail
from commentbox.models.moderator import owner_addresses


def warn_of(session: Session, endpoint: Endpoint, at: datetime) -> None:
    """Queue a mail to every owner of the endpoint's site, inside the caller's transaction."""
    site = endpoint.site
    facts = {
        "path": f"/dashboard/endpoints/{endpoint.id}",
        "host": endpoint.host,
        "site": site.name or site.key,
        "reason": endpoint.disabled_because,
        "failing_since": endpoint.failing_since.isoformat() if endpoint.failing_since else None,
    }
    for address in owner_addresses(session, site.id):
        queue_mail(
            session,
            to=address,
            template="endpoint",
            facts=facts,
            language=site.language,
            at=at,
            site=site,
        )
