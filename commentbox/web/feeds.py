"""Atom feeds (RFC 4287): the newest comments of a site or of one thread."""

import re
import uuid
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from flask import Response, request

from commentbox import markup
from commentbox.db import session
from commentbox.errors import UnknownThread
from commentbox.i18n import Language
from commentbox.models import Comment, Site, Thread
from commentbox.reading.basis import basis_of_newest
from commentbox.reading.recent import recent_of_site, recent_of_thread
from commentbox.web.caching import cached
from commentbox.web.engine import current_engine, public_origin
from commentbox.web.finding import site_or_404
from commentbox.web.links import comment_address
from commentbox.web.parse import read_page, read_parameters
from commentbox.web.problems import speak
from commentbox.web.showing import site_etag, thread_etag, thread_to_show
from commentbox.web.times import rfc3339

ATOM = "http://www.w3.org/2005/Atom"
MIMETYPE = "application/atom+xml"

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Entries = Sequence[tuple[Comment, Thread]]


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
    for comment, thread in entries:
        _add_entry(feed, site, comment, thread, tongue)
    document: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return document


def _title(thread: Thread) -> str:
    return thread.shown_title or thread.key


def _path() -> str:
    return request.script_root + request.full_path.rstrip("?")


def _add_entry(
    feed: ET.Element, site: Site, comment: Comment, thread: Thread, tongue: Language
) -> None:
    name = markup.visible_name(comment.name) or tongue.gettext("Anonymous")
    entry = ET.SubElement(feed, "entry")
    facts = {"name": name, "title": _title(thread)}
    _add(entry, "title", tongue.gettext("%(name)s on “%(title)s”") % facts)
    _add(entry, "id", _permanent_id(site, f"comment {comment.id}"))
    _add(
        entry,
        "link",
        rel="alternate",
        type="text/html",
        href=comment_address(site, thread, comment),
    )
    _add(entry, "published", rfc3339(comment.created_at))
    _add(entry, "updated", rfc3339(comment.edited_at or comment.created_at))
    author = ET.SubElement(entry, "author")
    _add(author, "name", name)
    if comment.website and (website := markup.website_href(comment.website)):
        _add(author, "uri", website)
    _add(entry, "content", comment.html, type="html")


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
