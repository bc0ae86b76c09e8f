"""Origins: scheme, host and port of an address, as browsers write them."""

import re
import unicodedata
from ipaddress import IPv6Address
from urllib.parse import urlsplit

HOST_PATTERN = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?")
HOST_MAX_CHARS = 253
DEFAULT_PORTS = {"http": 80, "https": 443}

NOT_IN_AN_ADDRESS = re.compile(r"[\s\\\x00-\x1f\x7f\ud800-\udfff]")
"""Browsers read a backslash as a slash and skip tabs and line ends; Python reads another host."""


def origin_of(address: str) -> str | None:
    """Return the origin of an http or https address, e.g. ``http://localhost:8081``; else None."""
    if NOT_IN_AN_ADDRESS.search(address.strip()):
        return None
    try:
        parts = urlsplit(address.strip())
        if "@" in parts.netloc:
            return None
        host, port = _written_host(parts.hostname or ""), parts.port
    except ValueError:
        return None
    if parts.scheme not in DEFAULT_PORTS or host is None:
        return None
    if port in (None, DEFAULT_PORTS[parts.scheme]):
        return f"{parts.scheme}://{host}"
    return f"{parts.scheme}://{host}:{port}"


def _written_host(host: str) -> str | None:
    """Return a host as browsers write it in an origin; None when it is not one.

    Raises ValueError for what looks like an IPv6 address and is none.
    """
    if ":" in host:
        return f"[{IPv6Address(host)}]"
    # Python's own codec follows IDNA 2003 and would turn “straße” into “strasse”, another domain.
    labels = unicodedata.normalize("NFKC", host.lower()).split(".")
    written = ".".join(
        label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")
        for label in labels
    )
    return written if HOST_PATTERN.fullmatch(written) and len(written) <= HOST_MAX_CHARS else None
