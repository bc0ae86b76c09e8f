"""Add a site, set its policy, and remove it."""

from collections.abc import Iterable, Mapping

from sqlalchemy import delete, func, select

from commentbox.db import atomic, session
from commentbox.errors import FieldError, InvalidFields, SetupError
from commentbox.models import Comment, Site, Thread
from commentbox.models.policy import POLICY, UnfitValue, read_language, read_name
from commentbox.models.site import KEY_PATTERN, normalised_origin, site_with_key
from commentbox.origins import origin_of

BAD_KEY = FieldError("key", "invalid", "Use a to z, 0 to 9 and hyphens, at most 64.")
TAKEN_KEY = FieldError("key", "taken", "There is a site with this key already.")
NO_ORIGIN = FieldError(
    "origins", "required", "A site needs an origin, such as https://example.org."
)
BAD_ORIGIN = "“%(address)s” is not an origin: write it like https://example.org."


def add_site(key: str, origins: Iterable[str], name: str = "", language: str = "") -> Site:
    """Add a site, English unless told otherwise, or change the one that is there.

    A site that is there gets the origins beside its own, and name and language where they are
    given. Raises SetupError.
    """
    if not KEY_PATTERN.fullmatch(key):
        raise SetupError(
            "“%(key)s” cannot be a site's key: use a to z, 0 to 9 and hyphens, at most 64.", key=key
        )
    with atomic() as current:
        site = current.scalar(select(Site).where(Site.key == key))
        if site is None:
            site = Site(key=key, name=read_name(key), language="en", version=1, origins=[])
            current.add(site)
        site.name = read_name(name) if name else site.name
        site.language = read_language(language) if language else site.language
        for origin in origins:
            site.add_origin(origin)
        site.touch()
        current.flush()
        return site


def create_site(key: str, name: str, language: str, origins: Iterable[str]) -> Site:
    """Add a site under a key that is free. Raises InvalidFields, naming every wrong field."""
    addresses = list(origins)
    errors = _wrong_origins(addresses)
    if not KEY_PATTERN.fullmatch(key):
        errors.append(BAD_KEY)
    elif session().scalar(select(Site.id).where(Site.key == key)) is not None:
        errors.append(TAKEN_KEY)
    for field, read, written in (("name", read_name, name), ("language", read_language, language)):
        try:
            read(written)
        except UnfitValue as error:
            errors.append(FieldError(field, "invalid", error.message, error.facts))
    if errors:
        raise InvalidFields(*errors)
    return add_site(key, addresses, name, language)


def set_origins(key: str, origins: Iterable[str]) -> Site:
    """Let a site have these origins and no others. Raises InvalidFields and UnknownSite."""
    addresses = list(origins)
    if errors := _wrong_origins(addresses):
        raise InvalidFields(*errors)
    with atomic() as current:
        site = site_with_key(current, key)
        wanted = {normalised_origin(address) for address in addresses}
        site.origins = [known for known in site.origins if known.origin in wanted]
        for address in addresses:
            site.add_origin(address)
        site.touch()
        return site


def remove_site(key: str) -> int:
    """Remove a site with its comments and all that hangs on them; returns how many there were.

    Accounts stay, also those that were members of this site alone. Raises UnknownSite.
    """
    with atomic() as current:
        site = site_with_key(current, key)
        threads = select(Thread.id).where(Thread.site_id == site.id)
        counted = select(func.count()).where(Comment.thread_id.in_(threads))
        count = current.scalar(counted) or 0
        # Without the ORM, which would fetch every row that the database deletes along with it.
        current.execute(delete(Site).where(Site.id == site.id))
        return count


def _wrong_origins(addresses: list[str]) -> list[FieldError]:
    if not addresses:
        return [NO_ORIGIN]
    wrong = (address for address in addresses if origin_of(address) is None)
    return [FieldError("origins", "invalid", BAD_ORIGIN, {"address": a[:200]}) for a in wrong][:1]


def set_policy(key: str, values: Mapping[str, str]) -> Site:
    """Set policy columns from their written form, e.g. ``{"max_depth": "3"}``. Raises SetupError."""
    with atomic() as current:
        site = site_with_key(current, key)
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
