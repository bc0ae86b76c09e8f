"""Samples of every format, and what is found in them, written down whole.

``python -m tests.transfer.samples`` writes what is found now; read the difference before it is kept.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import fields, is_dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from commentbox.transfer.formats import FORMATS, find_format
from commentbox.transfer.source import SourceFile

FOLDER = Path(__file__).parents[1] / "samples" / "transfer"
EXPECTED = ".found.json"
DATABASE = ".sqlite.sql"


def samples() -> list[Path]:
    """Return all samples; each begins with its format's name."""
    return sorted(path for path in FOLDER.iterdir() if not path.name.endswith(EXPECTED))


def found(path: Path) -> list[dict[str, Any]]:
    """Return what a sample's format yields, as JSON that leaves out what has its default."""
    with opened(path) as file:
        return [as_json(each) for each in FORMATS[find_format(file)].read(file)]


@contextmanager
def opened(path: Path) -> Iterator[SourceFile]:
    """Open a sample; databases are written down as the SQL that makes them."""
    if not path.name.endswith(DATABASE):
        yield SourceFile(path)
        return
    with TemporaryDirectory() as folder:
        database = Path(folder) / path.stem
        with closing(sqlite3.connect(database)) as connection:
            connection.executescript(path.read_text(encoding="utf-8"))
        yield SourceFile(database)


def expected(path: Path) -> list[dict[str, Any]]:
    """Return what should be found."""
    written = expected_file(path).read_text(encoding="utf-8")
    return list(json.loads(written))


def expected_file(path: Path) -> Path:
    """Return the file beside a sample that says what should be found."""
    return path.with_name(path.name + EXPECTED)


def as_json(value: Any) -> Any:
    """Return a dataclass as a dictionary with its kind, without defaults."""
    if is_dataclass(value):
        told = {
            field.name: as_json(getattr(value, field.name))
            for field in fields(value)
            if getattr(value, field.name) not in (field.default, {})
        }
        return {"kind": type(value).__name__} | told
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: as_json(each) for key, each in value.items()}
    return [as_json(each) for each in value] if isinstance(value, list | tuple) else value


if __name__ == "__main__":
    for sample in samples():
        text = json.dumps(found(sample), ensure_ascii=False, indent=1)
        expected_file(sample).write_text(text + "\n", encoding="utf-8")
