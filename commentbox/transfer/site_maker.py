"""Makes the site that an archive brings along."""

from commentbox.db import atomic
from commentbox.errors import SetupError
from commentbox.models import Site
from commentbox.models.ban import Ban
from commentbox.models.site import KEY_PATTERN
from commentbox.origins import origin_of
from commentbox.transfer.accounts import account_of
from commentbox.transfer.columns import is_whole, read
from commentbox.transfer.record import SitePolicy


def made_site(key: str, policy: SitePolicy) -> Site:
    """Make a site with an archive's origins, policy and bans. Raises SetupError."""
    if not KEY_PATTERN.fullmatch(key):
        raise SetupError(
            "“%(key)s” cannot be a site's key: use a to z, 0 to 9 and hyphens, at most 64.", key=key
        )
    with atomic() as session:
        site = Site(key=key, origins=[], **read(Site, policy.kept.columns))
        for origin in policy.origins:
            if origin_of(origin) is not None:
                site.add_origin(origin)
        session.add(site)
        session.flush()
        for ban in policy.kept.below.get("bans", ()):
            columns = read(Ban, ban)
            if is_whole(Ban, columns):
                by = account_of(session, ban)
                session.add(Ban(site_id=site.id, moderator_id=by, **columns))
        return site
