"""Add a site and set its policy."""

from collections.abc import Iterable, Mapping

from sqlalchemy import select

from commentbox.actions.policy import POLICY, read_language, read_name
from commentbox.db import atomic
from commentbox.errors import SetupError
from commentbox.models import Site
from commentbox.models.site import KEY_PATTERN, site_with_key


def add_site(key: str, origins: Iterable[str], name: str = "", language: str = "") -> Site:
    """Add a site, English unless told otherwise, or change the one that is there.

    A site that is there gets the origins beside its own, and name and language where they are
    given. Raises SetupError.
    """
    if not KEY_PATTERN.fullmatch(key):
        raise SetupError(
            "“%(key)s” cannot be a site's key: use a to z, 0 to 9 and hyphens, at most 64.", key=key
        )
    with atomic() as session:
        site = session.scalar(select(Site).where(Site.key == key))
        if site is None:
            site = Site(key=key, name=read_name(key), language="en", version=1, origins=[])
            session.add(site)
        site.name = read_name(name) if name else site.name
        site.language = read_language(language) if language else site.language
        for origin in origins:
            site.add_origin(origin)
        site.touch()
        session.flush()
        return site


def set_policy(key: str, values: Mapping[str, str]) -> Site:
    """Set policy columns from their written form, e.g. ``{"max_depth": "3"}``. Raises SetupError."""
    with atomic() as session:
        site = site_with_key(session, key)
        for name, written in values.items():
            if name not in POLICY:
                raise SetupError(
                    "“%(name)s” is not a setting of a site. Settings are: %(known)s.",
                    name=name,
                    known=", ".join(POLICY),
                )
            setattr(site, name, POLICY[name].read(written))
        site.touch()
        return site
