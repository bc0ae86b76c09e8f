"""HashOver: a folder of XML or JSON files, one for each comment, in a folder for each page.

A file's name says where the comment stands: ``2-1.xml`` is the first answer to ``2.xml``.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from commentbox.transfer.formats.wxr import paragraphs
from commentbox.transfer.record import Found, Page, Record, Remark, Skipped, StateName
from commentbox.transfer.source import SourceFile, Unreadable, xml
from commentbox.transfer.source.values import line, mapping, moment, number, text, unescaped

MAX_FILE_BYTES = 1024 * 1024
STATES: dict[str, StateName] = {
    "": "published",
    "approved": "published",
    "pending": "held",
    "deleted": "removed",
}

_NAME = re.compile(r"[0-9]+(?:-[0-9]+)*\.(?:xml|json)")
_INDENT = re.compile(r"^\t{1,2}", re.MULTILINE)
_FIELDS = frozenset({"body", "status", "date", "name", "website", "likes", "dislikes", "email"})


def recognises(file: SourceFile) -> bool:
    """Whether it is a folder of such files."""
    return file.is_folder and next(_files(file.path), None) is not None


def read(file: SourceFile) -> Iterator[Found]:
    """Yield the comment of each file."""
    has_addresses = False
    pages: tuple[Path | None, Page] = (None, Page())
    for path in _files(file.path):
        place = path.relative_to(file.path).as_posix()
        entry = _entry(path, place)
        if entry is None:
            yield Skipped(reason="unreadable", id=path.stem, place=place)
            continue
        if pages[0] != path.parent:
            pages = path.parent, _page(path.parent)
        has_addresses = has_addresses or bool(entry.get("email"))
        yield _record(entry, pages[1], path, place)
    if has_addresses:
        yield Remark("Addresses are encrypted there: they were left out.")


def _files(folder: Path) -> Iterator[Path]:
    found = (path for path in folder.rglob("*") if _NAME.fullmatch(path.name))
    return (path for path in sorted(found) if path.is_file() and not path.is_symlink())


def _entry(path: Path, place: str) -> dict[str, Any] | None:
    if path.stat().st_size > MAX_FILE_BYTES:
        return None
    try:
        if path.suffix == ".xml":
            ends = xml.events(SourceFile(path, place), _FIELDS)
            entry = {each.name: each.text for each in ends if isinstance(each, xml.End)}
            entry["body"] = _INDENT.sub("", entry.get("body", "").strip("\r\n\t"))
            return entry
        read = json.loads(path.read_text(encoding="utf-8-sig", errors="replace"))
    except (Unreadable, ValueError, RecursionError, OSError):
        return None
    return read if isinstance(read, dict) else None


def _page(folder: Path) -> Page:
    """Return the page as its ``metadata/page-info.json`` tells it, else by the folder's name."""
    path = folder / "metadata" / "page-info.json"
    try:
        is_small = path.is_file() and not path.is_symlink() and path.stat().st_size < MAX_FILE_BYTES
        told = mapping(json.loads(path.read_text(encoding="utf-8")) if is_small else None)
    except (ValueError, RecursionError, OSError):
        told = {}
    return Page(
        url=line(told.get("url")), key="" if told.get("url") else folder.name,
        title=unescaped(told.get("title")), aliases=(folder.name,) if told.get("url") else (),
    )  # fmt: skip


def _record(entry: dict[str, Any], page: Page, path: Path, place: str) -> Record:
    state = STATES.get(line(entry.get("status")).lower(), "held")
    is_gone = state == "removed"
    parent, has_parent, _ = path.stem.rpartition("-")
    return Record(
        id=f"{path.parent.name}/{path.stem}",
        page=page,
        parent=f"{path.parent.name}/{parent}" if has_parent else "",
        text="" if is_gone else paragraphs(text(entry.get("body"))),
        text_format="html",
        state=state,
        created_at=moment(entry.get("date")),
        name="" if is_gone else unescaped(entry.get("name")),
        website="" if is_gone else unescaped(entry.get("website")),
        score=number(entry.get("likes")) - number(entry.get("dislikes")),
        place=place,
    )
