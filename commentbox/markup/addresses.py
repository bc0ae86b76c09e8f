"""Addresses: which ones may be followed, by links in comments and by an author's website."""

import re
from html import escape
from unicodedata import category
from urllib.parse import urlsplit

import nh3

MAX_HREF_CHARS = 2_000
"""Longer addresses stay text: the oldest limit of browsers and proxies, and no one reads them."""

SCHEMES = {"http", "https", "mailto"}

_SCHEME = re.compile(r"(?:(https?)://|(mailto):)", re.IGNORECASE)
_MAILBOX = re.compile(r"[\w.!#$%&'*+/=?^{|}~-]+@(?P<host>[^@?]+)")
# Browsers turn the first into a slash and percent-encode the others; none has to be in an address.
_AMBIGUOUS = re.compile(r"[\\<>\"`]")
_URL_READER = nh3.Cleaner(
    tags={"a"}, attributes={"a": {"href"}}, url_schemes=SCHEMES, link_rel=None
)


def safe_href(address: str) -> str | None:
    """Return an address that may be followed, e.g. ``"https://example.org/a"``, or None.

    Allowed are absolute ``http``, ``https`` and ``mailto`` addresses in a spelling that we and
    browsers (https://url.spec.whatwg.org/) read the same way. Refused are therefore: anything a
    browser would drop or turn (controls, invisible characters, backslashes, missing slashes), a
    name or password before the host (``http://good.example@evil.example``: today only deceit uses
    it), and mail with headers (a click should not write someone's letter).
    """
    address = address.strip(" \t\n\r\f").replace(" ", "%20")
    scheme = _SCHEME.match(address)
    if scheme is None or len(address) > MAX_HREF_CHARS or not _is_plain(address):
        return None
    rest = address[scheme.end() :]
    if scheme[2]:
        return f"mailto:{rest}" if _is_mailbox(rest) else None
    href = f"{scheme[1].lower()}://{rest}"
    return href if _is_host(_host(href)) and _is_read_by_browsers(href) else None


def website_href(typed: str) -> str | None:
    """Return an author's website as a link, or None if it cannot be one.

    ``"example.org"`` becomes ``"https://example.org"``. Only ``http`` and ``https``, only
    hosts with a dot; names in any script are welcome.
    """
    typed = typed.strip()
    address = typed if "://" in typed[:8] else f"https://{typed}"
    href = safe_href(address) if " " not in typed else None
    return href if href is not None and "." in _host(href).strip(".") else None


def _is_plain(address: str) -> bool:
    """Whether every character is one that browsers neither drop nor turn into another."""
    if _AMBIGUOUS.search(address):
        return False
    if address.isascii():
        return address.isprintable()
    return not any(category(char)[0] in "CZ" for char in address)


def _is_mailbox(address: str) -> bool:
    match = _MAILBOX.fullmatch(address)
    return match is not None and _is_host(match["host"])


def _host(href: str) -> str:
    """Return an address' host, or nothing where there is more or less than a name and a port."""
    try:
        parts = urlsplit(href)
        _ = parts.port  # read for its ValueError
    except ValueError:
        return ""
    return "" if "@" in parts.netloc or "[" in parts.netloc else parts.hostname or ""


def _is_host(host: str) -> bool:
    """Whether these are a host's letters, in any script.

    Browsers fold some signs that are no letters into ``/`` or ``.``, such as ``℀`` into ``a/c``.
    """
    return (
        host.strip(".-") != ""
        and ".." not in host
        and not host.startswith(".")
        and all(char in "-._" or category(char)[0] in "LMN" for char in host)
    )


def _is_read_by_browsers(href: str) -> bool:
    """Whether an address parses as the URL standard says; names in other scripts have many rules.

    nh3 brings a parser that follows the standard to the letter.
    """
    return "href=" in _URL_READER.clean(f'<a href="{escape(href)}">')
