"""What a moderator may see and change: each lookup returns nothing that is not theirs."""

from commentbox.db import session
from commentbox.errors import Refused, UnknownSite
from commentbox.models import Site
from commentbox.models.site import site_with_key
from commentbox.web.dashboard.visit import current_moderator


class OwnersOnly(Refused):
    """A moderator asked for what only an owner may do."""

    code = "owners_only"
    message = "Only an owner may do this: ask one of them, or let them make you one."


def moderated_site_or_404(key: str) -> Site:
    """Return a site where the moderator decides; any other is as if it did not exist."""
    site = site_with_key(session(), key)
    if not current_moderator().decides_on(site.id):
        raise UnknownSite(site=key[:64])
    return site


def owned_site_or_404(key: str) -> Site:
    """Return a site that the moderator owns. Raises UnknownSite, and OwnersOnly to its moderators."""
    site = moderated_site_or_404(key)
    if not current_moderator().owns(site.id):
        raise OwnersOnly
    return site


def require_owner_of_every_site() -> None:
    """Let in who may add sites. Raises OwnersOnly."""
    if not current_moderator().owns_every_site:
        raise OwnersOnly
