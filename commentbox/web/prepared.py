"""A prepared answer: made once, compressed once, and given to everybody who asks the same."""

import gzip
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
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

PACKED_WELL_AFTER_READS = 32
"""What is still asked for then is worth packing well after all."""

Ending = Callable[[], bytes]
"""Returns the last bytes of an answer, at least one, for one who asks."""

BLOCK_MAX_BYTES = 65_535

GZIP = zlib.MAX_WBITS + 16
"""What zlib calls gzip's format."""


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
        "_headers_of_all",
        "_is_packed",
        "_packed",
        "_plain_headers",
        "_unchanged",
        "basis",
        "good_until",
        "is_read",
        "made_at",
        "moment",
        "reads_left",
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
        """``headers`` are those of the answer, with ``ETag`` if 304 may be; Flask is asked anew from ``until``."""
        self.basis, self.moment, self.made_at, self.good_until = basis, moment, made_at, until
        self.is_read = False
        of_all = [(k, v) for k, v in headers if k.lower() not in OF_THE_BODY]
        self._headers_of_all = of_all
        self._etag = next((v for k, v in headers if k.lower() == "etag"), "")
        self._plain_headers = [*of_all, ("Content-Length", str(len(body)))]
        # Only the compressed bytes are kept: the few who cannot read them cost a little more.
        self._is_packed = len(body) >= WORTH_COMPRESSING_BYTES
        self._packed = Rendition(OK, self._plain_headers, body)
        self._empty = self._packed._replace(body=b"")
        if self._is_packed:
            self._pack(body, level)
        self.reads_left = PACKED_WELL_AFTER_READS if self._is_packed and level == FAST_LEVEL else 0
        bare = [(k, v) for k, v in of_all if k.lower() not in NOT_WITH_304]
        self._unchanged = Rendition(NOT_MODIFIED, bare, b"")
        self.size_bytes = len(self._packed.body) + OVERHEAD_BYTES

    def _pack(self, body: bytes, level: int) -> None:
        data = gzip.compress(body, level, mtime=0)
        encoded = [("Content-Encoding", "gzip"), ("Content-Length", str(len(data)))]
        self._packed = Rendition(OK, [*self._headers_of_all, *encoded], data)
        self._empty = self._packed._replace(body=b"")

    def pack_well(self) -> None:
        """Compress again what was compressed in less time; the room it was given stays the same."""
        if self.reads_left:
            self._pack(gzip.decompress(self._packed.body), COMPRESSION_LEVEL)
            self.reads_left = 0

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


class PreparedBeginning(Prepared):
    """An answer that ends otherwise for each who asks, as with a form that nobody else may send.

    What is prepared is compressed like any other; the end follows as it is, in a block of its own.
    There is no 304: the end is never known.
    """

    __slots__ = ("_beginning", "_checksum", "_end", "_headers", "_size")

    def __init__(
        self,
        headers: Sequence[tuple[str, str]],
        body: bytes,
        basis: Basis,
        moment: Any,
        made_at: datetime,
        until: datetime,
        level: int,
        end: Ending,
    ) -> None:
        """``body`` is all but the end."""
        super().__init__(headers, b"", basis, moment, made_at, until)
        self._headers = [(k, v) for k, v in headers if k.lower() not in OF_THE_BODY]
        packing = zlib.compressobj(level, zlib.DEFLATED, GZIP)
        # Flushed, it ends with a whole byte, and another block can follow.
        self._beginning = packing.compress(body) + packing.flush(zlib.Z_SYNC_FLUSH)
        self._checksum, self._size, self._end = zlib.crc32(body), len(body), end
        self.size_bytes = len(self._beginning) + OVERHEAD_BYTES

    def for_request(self, environ: Mapping[str, Any]) -> Rendition:
        """Return the answer to a ``GET`` or ``HEAD``."""
        end = self._end()
        if takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")):
            encoding = [("Content-Encoding", "gzip")]
            body = b"".join((self._beginning, *self._last_blocks(end)))
        else:
            encoding = []
            body = zlib.decompressobj(GZIP).decompress(self._beginning) + end
        headers = [*self._headers, *encoding, ("Content-Length", str(len(body)))]
        return Rendition(OK, headers, b"" if environ["REQUEST_METHOD"] == "HEAD" else body)

    def _last_blocks(self, end: bytes) -> Iterator[bytes]:
        """Yield deflate blocks that are stored (RFC 1951, 3.2.4), and what ends gzip (RFC 1952, 2.3.1)."""
        for start in range(0, len(end), BLOCK_MAX_BYTES):
            block = end[start : start + BLOCK_MAX_BYTES]
            is_last = start + BLOCK_MAX_BYTES >= len(end)
            yield struct.pack("<BHH", is_last, len(block), len(block) ^ 0xFFFF)
            yield block
        size = (self._size + len(end)) & 0xFFFFFFFF
        yield struct.pack("<LL", zlib.crc32(end, self._checksum), size)


@lru_cache(maxsize=256)
def takes_gzip(accept_encoding: str) -> bool:
    """Whether who sent this header reads gzip, e.g. ``takes_gzip("gzip;q=0")`` is False."""
    quality: float = parse_accept_header(accept_encoding, Accept)["gzip"]
    return quality > 0
