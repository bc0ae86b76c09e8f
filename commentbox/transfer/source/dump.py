"""SQL dumps of PostgreSQL (COPY or INSERT) and MySQL (INSERT), read row by row, never executed."""

import re
from collections.abc import Iterator

from commentbox.transfer.source.file import SourceFile

MAX_STATEMENT_CHARS = 64 * 1024 * 1024

_COPY = re.compile(r'^COPY (?:\w+\.)?"?(?P<table>\w+)"? \((?P<columns>[^)]*)\) FROM stdin;\s*$')
_INSERT = re.compile(
    r'^INSERT INTO (?:\w+\.)?["`]?(?P<table>\w+)["`]?\s*(?:\((?P<columns>[^)]*)\))?\s*VALUES\s*',
    re.IGNORECASE,
)
_CREATE = re.compile(r'^CREATE TABLE (?:IF NOT EXISTS )?(?:\w+\.)?["`]?(?P<table>\w+)["`]?', re.I)
_COLUMN = re.compile(r'^\s*["`](?P<name>\w+)["`]\s')
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}

Row = dict[str, str | None]


def is_dump(file: SourceFile) -> bool:
    """Whether a file looks like a dump of a database."""
    head = file.head_text
    return "CREATE TABLE" in head or "INSERT INTO" in head or "\nCOPY " in head


def rows(file: SourceFile, table: str) -> Iterator[Row]:
    """Yield the rows of a table. Raises Unreadable."""
    lines = _lines(file)
    known: list[str] = []
    for line in lines:
        if (copy := _COPY.match(line)) is not None:
            yield from _copied(lines, _names(copy["columns"]), copy["table"] == table)
        elif (create := _CREATE.match(line)) is not None and create["table"] == table:
            known = list(_created(lines))
        elif (insert := _INSERT.match(line)) is not None and insert["table"] == table:
            names = _names(insert["columns"] or "") or known
            statement = _statement(file, line[insert.end() :], lines)
            yield from (dict(zip(names, values, strict=False)) for values in _values(statement))


def _copied(lines: Iterator[str], names: list[str], is_wanted: bool) -> Iterator[Row]:
    for line in lines:
        if line == "\\.":
            return
        if is_wanted:
            values = [None if v == "\\N" else _unescaped(v) for v in line.split("\t")]
            yield dict(zip(names, values, strict=False))


def _created(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if line.lstrip().startswith(")"):
            return
        if (column := _COLUMN.match(line)) is not None:
            yield column["name"]


def _statement(file: SourceFile, begun: str, lines: Iterator[str]) -> str:
    parts, length, quotes = [begun], len(begun), _count_quotes(begun)
    while not (parts[-1].rstrip().endswith(";") and quotes % 2 == 0):
        following = next(lines, None)
        if following is None:
            break
        parts.append(following)
        length += len(following)
        quotes += _count_quotes(following)
        if length > MAX_STATEMENT_CHARS:
            raise file.unreadable("", "a statement does not end", "Dump the database again.")
    return "\n".join(parts)


def _count_quotes(line: str) -> int:
    return len(re.findall(r"(?<!\\)(?:\\\\)*'", line))


_VALUE = re.compile(r"\s*(?:'((?:[^'\\]|\\.|'')*+)'|([^',()\s][^',()]*))\s*", re.DOTALL)


def _values(statement: str) -> Iterator[list[str | None]]:
    at = 0
    while (at := statement.find("(", at)) >= 0:
        at += 1
        row: list[str | None] = []
        while (match := _VALUE.match(statement, at)) is not None:
            quoted, bare = match.groups()
            row.append(_unescaped(quoted.replace("''", "'")) if quoted is not None else _bare(bare))
            at = match.end()
            if statement[at : at + 1] != ",":
                break
            at += 1
        yield row


def _bare(value: str) -> str | None:
    value = value.strip()
    return None if value.upper() == "NULL" else value


def _unescaped(value: str) -> str:
    return re.sub(r"\\(.)", lambda m: _ESCAPED.get(m[1], m[1]), value, flags=re.DOTALL)


def _names(columns: str) -> list[str]:
    return [name.strip().strip('"`') for name in columns.split(",") if name.strip()]


def _lines(file: SourceFile) -> Iterator[str]:
    rest = ""
    for chunk in file.chunks():
        *complete, rest = (rest + chunk).split("\n")
        yield from complete
        if len(rest) > MAX_STATEMENT_CHARS:
            raise file.unreadable("", "a line does not end", "Dump the database again.")
    yield rest
