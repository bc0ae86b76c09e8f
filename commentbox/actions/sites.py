"""Add a site and set its policy."""

from collections.abc import Callable, Iterable, Mapping

from sqlalchemy import select

from commentbox.db import atomic
from commentbox.errors import SetupError
from commentbox.i18n import LANGUAGES
from commentbox.models import Moderation, Site
from commentbox.models.site import KEY_PATTERN, site_with_key

NAME_MAX_CHARS = 200


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
            site = Site(key=key, name=_name(key), language="en", version=1, origins=[])
            session.add(site)
        site.name = _name(name) if name else site.name
        site.language = _language(language) if language else site.language
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
            setattr(site, name, POLICY[name](written))
        site.touch()
        return site


def _language(written: str) -> str:
    if written not in LANGUAGES:
        raise SetupError(
            "There is no catalogue for the language “%(language)s”: use one of %(known)s.",
            language=written,
            known=", ".join(LANGUAGES),
        )
    return written


def _name(written: str) -> str:
    if len(written) > NAME_MAX_CHARS:
        raise SetupError(
            "The name is too long: use at most %(max)s characters.", max=NAME_MAX_CHARS
        )
    return written


def _number(low: int, high: int) -> Callable[[str], int]:
    def read(written: str) -> int:
        is_number = written.isascii() and written.isdecimal() and len(written) <= 12
        if not (is_number and low <= int(written) <= high):
            raise SetupError(
                "“%(value)s” does not fit: use a whole number from %(low)s to %(high)s.",
                value=written,
                low=low,
                high=high,
            )
        return int(written)

    return read


def _yes_or_no(written: str) -> bool:
    words = {"yes": True, "true": True, "1": True, "on": True}
    words |= {"no": False, "false": False, "0": False, "off": False}
    if written.lower() not in words:
        raise SetupError("“%(value)s” does not fit: use yes or no.", value=written)
    return words[written.lower()]


def _moderation(written: str) -> str:
    if written not in set(Moderation):
        raise SetupError(
            "“%(value)s” does not fit: use %(known)s.",
            value=written,
            known=" or ".join(Moderation),
        )
    return written


POLICY: Mapping[str, Callable[[str], object]] = {
    "name": _name,
    "language": _language,
    "moderation": _moderation,
    "is_open": _yes_or_no,
    "pace_seconds": _number(0, 3600),
    "max_links": _number(0, 100),
    "max_length_chars": _number(1, 50_000),
    "max_depth": _number(0, 10),
    "page_size": _number(1, 200),
    "edit_window_seconds": _number(0, 604_800),
    "require_name": _yes_or_no,
    "require_email": _yes_or_no,
    "votes": _yes_or_no,
}
"""What ``commentbox site set`` may change, and how each value is read."""
