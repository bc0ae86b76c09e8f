"""A prepared answer: made once, compressed once, and given to everybody who asks the same."""

import gzip
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header, parse_etags

from commentbox.reading.basis import Basis

WORTH_COMPRESSING_BYTES = 800
COMPRESSION_LEVEL = 5
"""Half the time of zlib's own choice, 6, for 3 % more bytes."""

FAST_LEVEL = 2
"""Less than half of that for 12 % more bytes: for what is soon to be made again or never asked again."""

OK, NOT_MODIFIED = "200 OK", "304 NOT MODIFIED"

OF_THE_BODY = frozenset({"content-length", "content-encoding"})
NOT_WITH_304 = OF_THE_BODY | {"content-type", "content-security-policy", "x-content-type-options"}
"""A browser that hears 304 goes on with the headers it has."""

OVERHEAD_BYTES = 2500
"""What the objects around the bytes take, about."""

Headers = list[tuple[str, str]]


class Rendition(NamedTuple):
    """An answer as one asker gets it."""

    status: str
    headers: Headers
    body: bytes


class Prepared:
    """An answer to ``GET``, with everything that ``HEAD`` and those who have it already get."""

    __slots__ = (
        "_empty",
        "_etag",
        "_is_packed",
        "_packed",
        "_plain_headers",
        "_unchanged",
        "basis",
        "good_until",
        "is_read",
        "made_at",
        "moment",
        "size_bytes",
    )

    def __init__(
        self,
        headers: Sequence[tuple[str, str]],
        body: bytes,
        basis: Basis,
        moment: Any,
        made_at: datetime,
        until: datetime,
        level: int = COMPRESSION_LEVEL,
    ) -> None:
        """``headers`` are those of the answer with ``ETag``, Flask is asked anew from ``until`` on."""
        self.basis, self.moment, self.made_at, self.good_until = basis, moment, made_at, until
        self.is_read = False
        of_all = [(k, v) for k, v in headers if k.lower() not in OF_THE_BODY]
        self._etag = next(v for k, v in headers if k.lower() == "etag")
        self._plain_headers = [*of_all, ("Content-Length", str(len(body)))]
        # Only the compressed bytes are kept: the few who cannot read them cost a little more.
        self._is_packed = len(body) >= WORTH_COMPRESSING_BYTES
        data = gzip.compress(body, level, mtime=0) if self._is_packed else body
        length = ("Content-Length", str(len(data)))
        packed = [*of_all, ("Content-Encoding", "gzip"), length] if self._is_packed else []
        self._packed = Rendition(OK, packed or self._plain_headers, data)
        self._empty = self._packed._replace(body=b"")
        bare = [(k, v) for k, v in of_all if k.lower() not in NOT_WITH_304]
        self._unchanged = Rendition(NOT_MODIFIED, bare, b"")
        self.size_bytes = len(data) + OVERHEAD_BYTES

    def for_request(self, environ: Mapping[str, Any]) -> Rendition:
        """Return the answer to a ``GET`` or ``HEAD``."""
        known = environ.get("HTTP_IF_NONE_MATCH")
        if known is not None and (known == self._etag or self._is_among(known)):
            return self._unchanged
        is_head = environ["REQUEST_METHOD"] == "HEAD"
        if not self._is_packed or takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")):
            return self._empty if is_head else self._packed
        body = b"" if is_head else gzip.decompress(self._packed.body)
        return Rendition(OK, self._plain_headers, body)

    def _is_among(self, known: str) -> bool:
        etag = self._etag.removeprefix("W/").strip('"')
        return parse_etags(known).contains_weak(etag)


@lru_cache(maxsize=256)
def takes_gzip(accept_encoding: str) -> bool:
    """Whether who sent this header reads gzip, e.g. ``takes_gzip("gzip;q=0")`` is False."""
    quality: float = parse_accept_header(accept_encoding, Accept)["gzip"]
    return quality > 0
