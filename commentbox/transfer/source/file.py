"""A file to import: unpacked, decoded and read piece by piece."""

import codecs
import gzip
import re
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from commentbox.errors import CommentboxError, Phrase
from commentbox.transfer.source import zipped

CHUNK_BYTES = 64 * 1024
HEAD_BYTES = 64 * 1024

MAX_RATIO = 200
"""JSON and XML unpack to some 10 times their size; more is no export but an attack."""
RATIO_COUNTS_FROM_BYTES = 64 * 1024 * 1024

_GZIP = b"\x1f\x8b"
_SQLITE = b"SQLite format 3\x00"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(
    rb"""^[^<]{0,200}<\?xml[^>]{0,200}encoding\s*=\s*["']([A-Za-z0-9._-]+)["']"""
)


class Unreadable(CommentboxError):
    """A file cannot be read further; the sentence names file, place and remedy."""

    code = "unreadable"

    def __init__(self, file: str, place: str, problem: Phrase, remedy: Phrase) -> None:
        where = Phrase("%(file)s, %(place)s", {"file": file, "place": place_of(place)})
        super().__init__(
            "%(where)s: %(problem)s. %(remedy)s",
            where=where if place else file,
            problem=problem,
            remedy=remedy,
        )

    @property
    def phrase(self) -> Phrase:
        """The sentence as a value that can be kept."""
        return Phrase(self.message, self.facts)


PLACES = {
    "line": "line %(at)s",
    "about line": "about line %(at)s",
    "byte": "byte %(at)s",
    "comment": "comment %(at)s",
}
_PLACE = re.compile(rf"({'|'.join(PLACES)}) (\S+)")


def place_of(written: str) -> Phrase | str:
    """Return a place in a file, e.g. ``"line 12"``, as what can be translated."""
    match = _PLACE.fullmatch(written)
    return Phrase(PLACES[match[1]], {"at": match[2]}) if match else written


class SourceFile:
    """A file or folder to import. ``position`` of ``size`` bytes have been read so far."""

    def __init__(self, path: Path, name: str = "") -> None:
        self.path = path
        self.name = name or path.name
        self.position = 0
        self.replaced = 0  # characters that could not be decoded

    @cached_property
    def size(self) -> int:
        """How many bytes the file has, packed as it is; 0 for a folder."""
        return 0 if self.path.is_dir() else self.path.stat().st_size

    @cached_property
    def head(self) -> bytes:
        """The first bytes, unpacked: enough to tell formats apart; empty for a folder."""
        if self.path.is_dir():
            return b""
        head = b""
        try:
            with self.opened() as stream:
                for data in _some(stream, HEAD_BYTES):
                    head += data
        except Unreadable:
            if not head:
                raise
        return head

    @cached_property
    def head_text(self) -> str:
        """The first characters."""
        encoding, bom_bytes = self.encoding
        return self.head[bom_bytes:].decode(encoding, "replace")

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder of files."""
        return self.path.is_dir()

    @property
    def is_sqlite(self) -> bool:
        """Whether it looks like a SQLite database."""
        return self.head.startswith(_SQLITE)

    @cached_property
    def encoding(self) -> tuple[str, int]:
        """The encoding of the text, and how many bytes of a mark stand before it."""
        for bom, encoding in _BOMS:
            if self.head.startswith(bom):
                return encoding, len(bom)
        declared = _DECLARED.match(self.head)
        return (_python_name(declared[1].decode("ascii")) if declared else "utf-8"), 0

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Open the file, unpacked if it is packed. Raises Unreadable."""
        try:
            with self.path.open("rb") as raw:
                begins = raw.read(len(zipped.START))
                raw.seek(0)
                if begins.startswith(_GZIP):
                    yield cast(BinaryIO, _Unpacked(self, raw, gzip.GzipFile(fileobj=raw)))
                elif begins == zipped.START:
                    with self._zipped(raw) as member:
                        yield cast(BinaryIO, _Unpacked(self, raw, member))
                else:
                    yield cast(BinaryIO, _Watched(self, raw))
        except OSError as error:
            raise self.unreadable(
                "",
                "it cannot be opened (%(error)s)",
                "Check the path and the permissions.",
                error=error.strerror or str(error),
            ) from error

    @contextmanager
    def unpacked(self) -> Iterator[Path]:
        """Give the path of the file as it is unpacked, for who cannot read a stream."""
        with self.path.open("rb") as raw:
            begins = raw.read(len(zipped.START))
        if not begins.startswith((_GZIP, zipped.START)):
            yield self.path
            return
        with tempfile.NamedTemporaryFile(prefix="commentbox-") as copy:
            with self.opened() as stream:
                while data := stream.read(CHUNK_BYTES):
                    copy.write(data)
            copy.flush()
            yield Path(copy.name)

    @contextmanager
    def _zipped(self, raw: BinaryIO) -> Iterator[IO[bytes]]:
        with ExitStack() as stack:
            try:
                member = stack.enter_context(zipped.only_file(raw))
            except zipped.NotOneFile as error:
                raise self.unreadable(
                    "",
                    "it holds %(count)s files",
                    "Unpack it, and import the one that has the comments.",
                    count=error.count,
                ) from None
            except zipped.DAMAGED as error:
                raise self._damaged(raw) from error
            yield member

    def _damaged(self, raw: BinaryIO) -> Unreadable:
        return self.unreadable(
            f"byte {raw.tell()}",
            "the packed file is damaged or ends too early",
            "Download or copy it again; what came before is read.",
        )

    def chunks(self) -> Iterator[str]:
        """Yield the text in pieces; what cannot be decoded becomes U+FFFD and is counted.

        Control characters, which neither XML nor JSON allows and many exports have, are left out.
        """
        encoding, bom_bytes = self.encoding
        decoder = codecs.getincrementaldecoder(encoding)("replace")
        with self.opened() as stream:
            stream.read(bom_bytes)
            while data := stream.read(CHUNK_BYTES):
                yield self._readable(decoder.decode(data))
            yield self._readable(decoder.decode(b"", True))

    def unreadable(
        self, place: str, problem: str | Phrase, remedy: str, **facts: object
    ) -> Unreadable:
        """Return the error that says what is wrong with the file; ``facts`` fill both sentences."""
        problem = Phrase(problem, facts) if isinstance(problem, str) else problem
        return Unreadable(self.name, place, problem, Phrase(remedy, facts))

    def _readable(self, text: str) -> str:
        self.replaced += text.count("\ufffd")
        return text.translate(_UNREADABLE)


_UNREADABLE = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])


class _Watched:
    """A stream that tells its file how far it is."""

    def __init__(self, file: SourceFile, raw: BinaryIO) -> None:
        self._file, self._raw = file, raw

    def read(self, size: int = CHUNK_BYTES) -> bytes:
        data = self._raw.read(size)
        self._file.position = self._raw.tell()
        return data


class _Unpacked(_Watched):
    """A stream of unpacked bytes that ends where a bomb begins."""

    def __init__(self, file: SourceFile, raw: BinaryIO, unpacked: Any) -> None:
        super().__init__(file, raw)
        self._unpacked = unpacked
        self._bytes = 0

    def read(self, size: int = CHUNK_BYTES) -> bytes:
        try:
            data: bytes = self._unpacked.read1(size)  # what comes before a damage counts
        except (EOFError, zlib.error, gzip.BadGzipFile, *zipped.DAMAGED) as error:
            raise self._file._damaged(self._raw) from error
        self._bytes += len(data)
        self._file.position = self._raw.tell()
        is_large = self._bytes > RATIO_COUNTS_FROM_BYTES
        if is_large and self._bytes > MAX_RATIO * self._raw.tell():
            raise self._file.unreadable(
                f"byte {self._raw.tell()}",
                "it unpacks to more than %(max)s times its size, as no export does",
                "If you trust it, unpack it first and import the result.",
                max=MAX_RATIO,
            )
        return data


def _some(stream: BinaryIO, size: int) -> Iterator[bytes]:
    while size > 0 and (data := stream.read(size)):
        size -= len(data)
        yield data


def _python_name(declared: str) -> str:
    """Return a codec of a declared encoding; a file that lies or names none is read as UTF-8."""
    try:
        info = codecs.lookup(declared)
    except LookupError:
        return "utf-8"
    # Without a mark at the start, what says so in ASCII is no UTF-16; and some codecs are no text.
    is_text = getattr(info, "_is_text_encoding", True)
    return info.name if is_text and not info.name.startswith(("utf-16", "utf-32")) else "utf-8"
