"""Staticman: a folder of YAML, JSON or Markdown files, one for each comment, in a folder for each page."""

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from commentbox.transfer.formats import hashover
from commentbox.transfer.record import Found, Page, Record, Remark, Skipped
from commentbox.transfer.source import SourceFile
from commentbox.transfer.source.values import line, moment, text

SUFFIXES = frozenset({".yml", ".yaml", ".json", ".md"})
MAX_FILE_BYTES = 1024 * 1024
MAX_BRACKETS = 500
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MAP_FILE = "commentbox-fields.yml"
"""Beside the comments: which of the site's own fields is which of ours, e.g. ``text: body``."""

FIELDS = {
    "id": "_id",
    "parent": "_parent",
    "text": "message",
    "name": "name",
    "email": "email",
    "website": "url",
    "created_at": "date",
    "page": "slug",
}
_OTHER_PARENTS = ("replying_to_uid", "reply_to", "parent")
_OTHER_TEXTS = ("comment", "body", "content")
_MD5 = re.compile(r"[0-9a-f]{32}", re.IGNORECASE)
_FRONT_MATTER = re.compile(r"\A---\s*\n(.*?)\n---\s*(?:\n|\Z)", re.DOTALL)


def recognises(file: SourceFile) -> bool:
    """Whether it is a folder of such files."""
    is_other = hashover.recognises(file)
    return file.is_folder and not is_other and next(_files(file.path), None) is not None


def read(file: SourceFile) -> Iterator[Found]:
    """Yield the comment of each file. Raises Unreadable."""
    names = FIELDS | _map(file)
    has_hashes = False
    for path in _files(file.path):
        place = path.relative_to(file.path).as_posix()
        entry = _entry(path)
        if entry is None:
            yield Skipped(reason="unreadable", id=path.stem, place=place)
            continue
        has_hashes = has_hashes or bool(_MD5.fullmatch(line(entry.get(names["email"]))))
        yield _record(entry, names, path, file.path)
    if has_hashes:
        yield Remark("Addresses are kept as one-way hashes there: they were left out.")


def _files(folder: Path) -> Iterator[Path]:
    return (
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix in SUFFIXES and path.is_file() and path.name != MAP_FILE
        and not path.is_symlink()
    )  # fmt: skip


def _map(file: SourceFile) -> dict[str, str]:
    path = file.path / MAP_FILE
    if not path.is_file() or path.is_symlink():
        return {}
    entry = _entry(path)
    if entry is None or not entry.keys() <= FIELDS.keys():
        raise file.unreadable(
            MAP_FILE,
            "it does not say which field is which",
            "Write lines such as “text: body” for %(fields)s.",
            fields=", ".join(FIELDS),
        )
    return {name: line(other) for name, other in entry.items()}


def _entry(path: Path) -> dict[str, Any] | None:
    if path.stat().st_size > MAX_FILE_BYTES:
        return None
    try:
        content = path.read_text(encoding="utf-8-sig", errors="replace")
        front = _FRONT_MATTER.match(content)
        # Aliases could make a small file huge: none of these files needs one.
        if path.suffix != ".json":
            body = content[front.end() :].strip() if front else ""
            content = front[1] if front else content
            if path.suffix == ".md" and front is None:
                return None
            if _nests_too_much(content):
                return None
            if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(content, _LOADER)):
                return None
            entry = yaml.load(content, _LOADER)
            if body and isinstance(entry, dict):
                entry.setdefault("content", body)
        else:
            entry = json.loads(content)
    except (ValueError, yaml.YAMLError, RecursionError, OSError):
        return None
    return entry if isinstance(entry, dict) else None


def _nests_too_much(content: str) -> bool:
    # Written in Python, the parser takes the square of the nesting's time; libyaml bounds it.
    return _LOADER is yaml.SafeLoader and content.count("[") + content.count("{") > MAX_BRACKETS


def _record(entry: dict[str, Any], names: dict[str, str], path: Path, root: Path) -> Record:
    inner = path.relative_to(root)
    folder = inner.parent.as_posix()
    id = line(entry.get(names["id"])) or hashlib.sha256(inner.as_posix().encode()).hexdigest()[:32]
    email = line(entry.get(names["email"]))
    written = entry.get(names["created_at"])
    # YAML knows dates itself; without a zone they are in UTC.
    at = written.isoformat() if isinstance(written, datetime) else written
    return Record(
        id=id,
        page=Page(key=line(entry.get(names["page"])) or (folder if folder != "." else "")),
        parent=line(_first(entry, names["parent"], *_OTHER_PARENTS)),
        text=text(_first(entry, names["text"], *_OTHER_TEXTS)),
        created_at=moment(at),
        name=line(entry.get(names["name"])),
        email="" if _MD5.fullmatch(email) else email,
        website=line(entry.get(names["website"])),
        anchor=f"comment-{id}",
        place=inner.as_posix(),
    )


def _first(entry: dict[str, Any], *names: str) -> Any:
    return next((entry[name] for name in names if entry.get(name)), "")
