"""Say what a page is called and where it is, as its owner: no comment changes it afterwards."""

from commentbox import markup
from commentbox.actions.deed import keep_deed
from commentbox.actions.moderate import Ruling
from commentbox.db import atomic
from commentbox.errors import FieldError, InvalidFields
from commentbox.models import Deed, Entrance, Site, Thread
from commentbox.models.page_key import explicit_key, kept_address
from commentbox.models.site import site_with_key
from commentbox.models.thread import TITLE_MAX_CHARS, URL_MAX_CHARS, thread_to_write
from commentbox.origins import origin_of

BY_COMMAND = Ruling(Entrance.CLI)


def describe(
    site_key: str,
    page: str,
    *,
    url: str | None = None,
    title: str | None = None,
    ruling: Ruling = BY_COMMAND,
) -> Thread:
    """Give a page's thread a title and an address; None leaves one as it is, "" takes it away.

    Raises UnknownSite, and InvalidFields for what cannot be a title or is no address of the site.
    """
    with atomic() as session:
        site = site_with_key(session, site_key)
        thread = thread_to_write(session, site, explicit_key(page))
        before = {"title": thread.title, "url": thread.url}
        thread.url = thread.url if url is None else _address(site, url)
        thread.title = thread.title if title is None else _title(title)
        thread.is_described = True
        if before != {"title": thread.title, "url": thread.url}:
            keep_deed(session, thread, Deed.DESCRIBED, ruling, **before)
        thread.touch()
        return thread


def _title(written: str) -> str | None:
    title = written.strip()
    if len(title) > TITLE_MAX_CHARS or (title and not markup.visible_name(title)):
        raise InvalidFields(
            FieldError(
                "title",
                "invalid",
                "The title does not fit: use at most %(max)s characters, some of them to be seen.",
                {"max": TITLE_MAX_CHARS},
            )
        )
    return title or None


def _address(site: Site, written: str) -> str | None:
    url = kept_address(written.strip())
    if not url:
        return None
    if len(url) > URL_MAX_CHARS or not site.has_origin(origin_of(url) or ""):
        origins = ", ".join(origin.origin for origin in site.origins)
        raise InvalidFields(
            FieldError(
                "url",
                "invalid",
                "“%(url)s” is no address of the site, whose pages are at %(origins)s.",
                {"url": url[:100], "origins": origins},
            )
        )
    return url
