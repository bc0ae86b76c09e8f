"""The embed's script and the hosted page's stylesheet."""

import hashlib
from functools import cache

from flask import Response

from commentbox.bundled import embed_file
from commentbox.web.caching import FOREVER, cached

UPDATING = "public, max-age=600, stale-while-revalidate=86400"
"""Pages name the script without a version: a new release reaches readers within minutes."""


def script() -> Response:
    """``GET /embed.js``"""
    return _asset(embed_file("embed.js"), "text/javascript", UPDATING)


def more_script() -> Response:
    """``GET /embed-more.js``: what only a reader who takes part needs"""
    return _asset(embed_file("embed-more.js"), "text/javascript", UPDATING)


def versioned_script() -> Response:
    """``GET /embed-{version}.js``: never changes, for pages that pin it by its integrity value"""
    return _asset(embed_file("embed.js"), "text/javascript", f"public, {FOREVER}")


def stylesheet() -> Response:
    """``GET /embed.css``"""
    return _asset(embed_file("embed.css"), "text/css", UPDATING)


def _asset(content: bytes, mimetype: str, cache_control: str) -> Response:
    return cached(lambda: content, _digest(content), mimetype, cache_control)


@cache
def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:20]
