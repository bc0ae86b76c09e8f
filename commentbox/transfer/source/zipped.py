"""The one file in a ZIP archive: what people have who were sent an export by mail."""

import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO

START = b"PK\x03\x04"
MAX_DIRECTORY_BYTES = 256 * 1024
"""The list of names is read into memory: a million of them is no export."""

_END = b"PK\x05\x06"
_END_RECORD = struct.Struct("<4s4H2LH")
_END_MAX_BYTES = _END_RECORD.size + 0xFFFF
_LARGE = b"PK\x06\x07"  # of ZIP64, whose list of names has no bound


class NotOneFile(Exception):
    """There are several files in it, or none. ``count`` says how many."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count


DAMAGED = (zipfile.BadZipFile, NotImplementedError, RuntimeError, struct.error, ValueError)
"""What is raised where a part is missing, a method is unknown or a password is asked for."""


@contextmanager
def only_file(raw: BinaryIO) -> Iterator[IO[bytes]]:
    """Open the one file of an archive. Raises NotOneFile and ``DAMAGED``."""
    _require_short_directory(raw)
    with zipfile.ZipFile(raw) as archive:
        files = [each for each in archive.infolist() if not each.is_dir() and _is_visible(each)]
        if len(files) != 1:
            raise NotOneFile(len(files))
        with archive.open(files[0]) as member:
            yield member


def _is_visible(member: zipfile.ZipInfo) -> bool:
    """Whether a person put it there: not what a Mac adds beside it."""
    name = member.filename
    return not name.startswith("__MACOSX/") and not name.rpartition("/")[2].startswith(".")


def _require_short_directory(raw: BinaryIO) -> None:
    raw.seek(0, 2)
    raw.seek(max(0, raw.tell() - _END_MAX_BYTES))
    tail = raw.read()
    at = tail.rfind(_END)
    if at < 0 or _LARGE in tail:
        raise zipfile.BadZipFile
    *_, directory_bytes, _offset, _comment = _END_RECORD.unpack_from(tail, at)
    if directory_bytes > MAX_DIRECTORY_BYTES:
        raise zipfile.BadZipFile
