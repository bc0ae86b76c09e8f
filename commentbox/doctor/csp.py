"""Whether a page's Content-Security-Policy lets the embed work, as browsers read it."""

from collections.abc import Iterable
from urllib.parse import urlsplit

FALLBACKS = {
    "script-src": ("script-src-elem", "script-src", "default-src"),
    "connect-src": ("connect-src", "default-src"),
}
DEFAULT_PORTS = {"http": 80, "https": 443}


def forbids(
    policies: Iterable[str], directive: str, url: str, page_url: str, nonce: str = ""
) -> bool:
    """Whether one of the policies keeps a page from an address.

    ``directive`` is ``script-src`` or ``connect-src``, ``nonce`` the script tag's own. Hashes are
    not looked at: a script of another origin has none that would be of use.
    """
    return any(
        not _allows(sources, url, page_url, nonce)
        for policy in policies
        for each in policy.split(",")
        if (sources := _sources(each, directive)) is not None
    )


def _sources(policy: str, directive: str) -> list[str] | None:
    """Return what a policy lists for a directive; None where it says nothing of it."""
    listed: dict[str, list[str]] = {}
    for part in policy.split(";"):
        name, *sources = part.split() or [""]
        listed.setdefault(name.lower(), sources)
    return next((listed[name] for name in FALLBACKS[directive] if name in listed), None)


def _allows(sources: list[str], url: str, page_url: str, nonce: str) -> bool:
    if nonce and f"'nonce-{nonce}'" in sources:
        return True
    if "'strict-dynamic'" in (source.lower() for source in sources):
        return False  # then hosts are not looked at
    return any(_matches(source, url, page_url) for source in sources)


def _matches(source: str, url: str, page_url: str) -> bool:
    """Whether a source such as ``https://*.example.org:8443/embed.js`` covers an address."""
    wanted, page = urlsplit(url), urlsplit(page_url)
    lower = source.lower()
    if lower == "*":
        return True
    if lower == "'self'":
        return (wanted.scheme, wanted.netloc) == (page.scheme, page.netloc)
    if lower.startswith("'"):
        return False
    if lower.endswith(":") and "/" not in lower:
        return _covers_scheme(lower[:-1], wanted.scheme)
    scheme, separator, rest = lower.rpartition("://")
    authority, slash, path = rest.partition("/")
    host, _, port = authority.partition(":")
    return (
        _covers_scheme(scheme if separator else page.scheme, wanted.scheme)
        and _covers_host(host, wanted.hostname or "")
        and _covers_port(port, wanted.port, wanted.scheme)
        and _covers_path(slash + source[len(source) - len(path) :] if path else "", wanted.path)
    )


def _covers_scheme(scheme: str, wanted: str) -> bool:
    return scheme == wanted or (scheme, wanted) == ("http", "https")


def _covers_host(host: str, wanted: str) -> bool:
    return wanted.endswith(host[1:]) if host.startswith("*.") else host == wanted


def _covers_port(port: str, wanted: int | None, scheme: str) -> bool:
    default = DEFAULT_PORTS.get(scheme)
    return port == "*" or int(port or default or 0) == (wanted or default)


def _covers_path(path: str, wanted: str) -> bool:
    return not path or (wanted.startswith(path) if path.endswith("/") else wanted == path)
