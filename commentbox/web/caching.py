"""Answers that browsers, CDNs and we ourselves may keep: the same bytes for everybody."""

from flask import Response

from commentbox.reading.basis import Basis
from commentbox.web.front import rests_on

MAX_AGE = "max-age=0, s-maxage=5"
"""A browser asks again each time and mostly hears 304; a CDN spares the service the crowd."""

FOR_CDNS = "max-age=5, stale-while-revalidate=60"
"""CDN-Cache-Control (RFC 9213). In Cache-Control itself it would let a browser show a reader,
who has just posted and comes back, the thread of a minute ago."""

FOREVER = "max-age=31536000, immutable"


def cached(
    body: str | bytes,
    etag: str,
    mimetype: str,
    basis: Basis,
    cache_control: str = f"public, {MAX_AGE}",
) -> Response:
    """Return the body under its ETag, to be kept for as long as its basis holds.

    Compression, 304 and ``HEAD`` are seen to when the request ends, for all askers alike.
    """
    answer = Response(body, mimetype=mimetype)
    answer.set_etag(etag, weak=True)  # compressed or not, it is the same thread
    answer.headers["Cache-Control"] = cache_control
    if MAX_AGE in cache_control:
        answer.headers["CDN-Cache-Control"] = FOR_CDNS
    answer.vary.add("Accept-Encoding")
    rests_on(basis)
    return answer
