"""Answers that browsers and CDNs may keep: ETag, 304, compression and the same bytes for everybody."""

import gzip
from collections.abc import Callable

from flask import Response, request

MAX_AGE = "max-age=0, s-maxage=5"
"""A browser asks again each time and mostly hears 304; a CDN spares the service the crowd."""

FOR_CDNS = "max-age=5, stale-while-revalidate=60"
"""CDN-Cache-Control (RFC 9213). In Cache-Control itself it would let a browser show a reader,
who has just posted and comes back, the thread of a minute ago."""

FOREVER = "max-age=31536000, immutable"

WORTH_COMPRESSING_BYTES = 800


def cached(
    body: Callable[[], str | bytes],
    etag: str,
    mimetype: str,
    cache_control: str = f"public, {MAX_AGE}",
) -> Response:
    """Return the body under its ETag; when the asker has it already, 304 without making it."""
    answer = Response(status=304, mimetype=mimetype)
    answer.set_etag(etag, weak=True)  # compressed or not, it is the same thread
    if not request.if_none_match.contains_weak(etag):
        content = body()
        data = content.encode("utf-8") if isinstance(content, str) else content
        answer.status_code = 200
        _fill(answer, data)
    answer.headers["Cache-Control"] = cache_control
    if MAX_AGE in cache_control:
        answer.headers["CDN-Cache-Control"] = FOR_CDNS
    answer.vary.add("Accept-Encoding")
    return answer


def _fill(answer: Response, data: bytes) -> None:
    if len(data) >= WORTH_COMPRESSING_BYTES and request.accept_encodings["gzip"] > 0:
        data = gzip.compress(data, 6, mtime=0)
        answer.headers["Content-Encoding"] = "gzip"
    answer.set_data(data)
