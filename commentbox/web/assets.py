"""The embed's script and the hosted page's stylesheet."""

import hashlib
import re
from functools import cache

from flask import Response
from werkzeug.exceptions import NotFound

from commentbox.__about__ import __version__
from commentbox.bundled import embed_file
from commentbox.reading.basis import NOTHING
from commentbox.web.caching import FOREVER, cached

VERSION = re.compile(r"[0-9]+(?:\.[0-9]+){1,3}")

UPDATING = "public, max-age=600, stale-while-revalidate=86400"
"""Pages name the script without a version: a new release reaches readers within minutes."""


def script() -> Response:
    """``GET /embed.js``"""
    return _asset(embed_file("embed.js"), "text/javascript", UPDATING)


def more_script() -> Response:
    """``GET /embed-more.js``: what only a reader who takes part needs"""
    return _asset(embed_file("embed-more.js"), "text/javascript", UPDATING)


def versioned_script(name: str) -> Response:
    """``GET /embed-{version}.js``, ``/embed-more-{version}.js``: for pages that pin the release

    Under its own version this release's script never changes. Under another one it is served as
    well, so that pages which name an old release go on working after an upgrade.
    """
    version = name.removeprefix("more-")
    if not VERSION.fullmatch(version):
        raise NotFound
    file = "embed-more.js" if name.startswith("more-") else "embed.js"
    is_this_release = version == __version__
    kept = f"public, {FOREVER}" if is_this_release else UPDATING
    return _asset(embed_file(file), "text/javascript", kept)


def stylesheet() -> Response:
    """``GET /embed.css``"""
    return _asset(embed_file("embed.css"), "text/css", UPDATING)


def _asset(content: bytes, mimetype: str, cache_control: str) -> Response:
    return cached(content, _digest(content), mimetype, NOTHING, cache_control)


@cache
def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:20]
