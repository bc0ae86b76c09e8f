"""Atom feeds (RFC 4287): the newest comments of a site or of one thread."""

import re
import uuid
from xml.etree import ElementTree as ET

from flask import Response, request

from commentbox import markup
from commentbox.db import session
from commentbox.errors import UnknownThread
from commentbox.i18n import Language
from commentbox.models import Site, Thread
from commentbox.reading.basis import basis_of_newest
from commentbox.reading.recent import Entries, Entry, recent_of_site, recent_of_thread
from commentbox.web.caching import cached
from commentbox.web.engine import current_engine, mount_path, public_origin
from commentbox.web.finding import site_or_404
from commentbox.web.links import comment_address
from commentbox.web.parse import read_page, read_parameters
from commentbox.web.problems import speak
from commentbox.web.rendering import PIECES
from commentbox.web.showing import site_etag, thread_etag, thread_to_show
from commentbox.web.times import rfc3339

ATOM = "http://www.w3.org/2005/Atom"
MIMETYPE = "application/atom+xml"

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def site_feed(site_key: str) -> Response:
    """``GET /feeds/{site}.atom``"""
    site = site_or_404(site_key)
    tongue = speak(request.args.get("lang"), site.language)
    entries = recent_of_site(session(), site)
    title = tongue.gettext("Comments on %(site)s") % {"site": site.name or site.key}
    versions = [f"{comment.id}.{thread.version}" for comment, thread in entries]
    etag = site_etag(site, uuid.uuid5(uuid.NAMESPACE_OID, f"{versions}").hex)
    feed = _atom(site, "feed", title, entries, tongue)
    return cached(feed, etag, MIMETYPE, basis_of_newest(site, entries, current_engine().front.ask))


def thread_feed(site_key: str) -> Response:
    """``GET /feeds/{site}/thread.atom?page=``"""
    site = site_or_404(site_key)
    tongue = speak(request.args.get("lang"), site.language)
    page = read_page(read_parameters(request), site)
    thread, basis = thread_to_show(site, page)
    if thread is None:
        raise UnknownThread
    title = tongue.gettext("Comments on “%(title)s”") % {"title": _title(thread)}
    feed = _atom(site, f"thread {thread.id}", title, recent_of_thread(session(), thread), tongue)
    return cached(feed, thread_etag(site, thread), MIMETYPE, basis)


def _atom(site: Site, name: str, title: str, entries: Entries, tongue: Language) -> bytes:
    feed = ET.Element("feed", {"xmlns": ATOM, "xml:lang": tongue.code})
    _add(feed, "title", title)
    _add(feed, "id", _permanent_id(site, name))
    _add(feed, "link", rel="self", href=public_origin() + _path())
    newest = max((c.edited_at or c.created_at for c, _ in entries), default=site.created_at)
    _add(feed, "updated", rfc3339(newest))
    document: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    kept = _Entries(site, tongue, public_origin() + mount_path())
    return b"".join(
        (document.removesuffix(END), *(kept.written(c, thread) for c, thread in entries), END)
    )


END = b"</feed>"


def _title(thread: Thread) -> str:
    return thread.shown_title or thread.key


class _Entries:
    """Writes the entries of one feed; what it wrote is kept and given again (pieces.py)."""

    def __init__(self, site: Site, tongue: Language, service: str) -> None:
        self._site, self._tongue = site, tongue
        self._of_all = site.key, site.created_at, service
        self._titles: dict[int, str] = {}

    def written(self, comment: Entry, thread: Thread) -> bytes:
        """Return a comment as an element."""
        if (title := self._titles.get(thread.id)) is None:
            title = self._titles[thread.id] = _title(thread)
        made_of = (*comment, title, thread.key, thread.shown_url, *self._of_all)

        def render() -> str:
            entry = _entry(self._site, comment, thread, title, self._tongue)
            text: str = ET.tostring(entry, encoding="unicode")
            return text

        return PIECES.of(("entry", comment.id, self._tongue.code), made_of, render)


def _path() -> str:
    return request.script_root + request.full_path.rstrip("?")


def _entry(site: Site, comment: Entry, thread: Thread, title: str, tongue: Language) -> ET.Element:
    name = markup.visible_name(comment.name) or tongue.gettext("Anonymous")
    entry = ET.Element("entry")
    facts = {"name": name, "title": title}
    _add(entry, "title", tongue.gettext("%(name)s on “%(title)s”") % facts)
    _add(entry, "id", _permanent_id(site, f"comment {comment.id}"))
    address = comment_address(site, thread, comment.id)
    _add(entry, "link", rel="alternate", type="text/html", href=address)
    _add(entry, "published", rfc3339(comment.created_at))
    _add(entry, "updated", rfc3339(comment.edited_at or comment.created_at))
    author = ET.SubElement(entry, "author")
    _add(author, "name", name)
    if comment.website and (website := markup.website_href(comment.website)):
        _add(author, "uri", website)
    _add(entry, "content", comment.html, type="html")
    return entry


def _add(parent: ET.Element, tag: str, text: str = "", **attributes: str) -> None:
    element = ET.SubElement(parent, tag, {k: _xml(v) for k, v in attributes.items()})
    if text:
        element.text = _xml(text)


def _xml(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def _permanent_id(site: Site, name: str) -> str:
    """Name a thing for ever, also when the service moves to another address."""
    origin = f"{site.key} {site.created_at.isoformat()} {name}"
    return uuid.uuid5(uuid.NAMESPACE_URL, origin).urn
