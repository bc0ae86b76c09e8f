"""JSON item by item: arrays of any length, and files with one object a line."""

import json
from collections.abc import Iterator
from typing import Any

import ijson

from commentbox.errors import Phrase
from commentbox.transfer.source.file import SourceFile

MAX_LINE_CHARS = 16 * 1024 * 1024
MAX_DEPTH = 128

_BEGINS = frozenset({"start_map", "start_array"})
_ENDS = frozenset({"end_map", "end_array"})
_LIST = "[]"

AGAIN = "Export it again; what comes before is read."
NOT_VALID = Phrase("it is not valid JSON")

Item = dict[str, Any]


def items(file: SourceFile, *paths: str) -> Iterator[Item]:
    """Yield the objects of the arrays at the paths, e.g. ``"comments"``; ``""`` is the whole file.

    Paths are tried from left to right; the first that has something counts. What is no object is
    passed over. Raises Unreadable.
    """
    for path in paths:
        found = False
        for item in _items(file, ["", *path.split(".")] if path else [""]):
            found = True
            yield item
        if found:
            return


def lines(file: SourceFile) -> Iterator[tuple[int, Item]]:
    """Yield the objects of a file that has one a line, with the line's number. Raises Unreadable."""
    for number, line in _lines(file):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
        except (ValueError, RecursionError):
            raise file.unreadable(f"line {number}", NOT_VALID, AGAIN) from None
        if isinstance(item, dict):
            yield number, item


def has_one_object_a_line(file: SourceFile) -> bool:
    """Whether the first line is an object of its own."""
    first, _, rest = file.head_text.lstrip().partition("\n")
    try:
        is_object = isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False
    return is_object and (not rest.strip() or rest.lstrip().startswith("{"))


def _items(file: SourceFile, path: list[str]) -> Iterator[Item]:
    stream = _Utf8(file)
    try:
        events = ijson.basic_parse(stream, use_float=True, multiple_values=True)
        yield from _built(file, stream.watched(events), path)
    except (ijson.JSONError, ValueError) as error:
        ends = isinstance(error, ijson.IncompleteJSONError)
        problem = Phrase("the file ends too early or is not valid JSON") if ends else NOT_VALID
        raise file.unreadable(f"about line {stream.lines}", problem, AGAIN) from None


def _built(
    file: SourceFile, events: Iterator[tuple[str, Any]], wanted: list[str]
) -> Iterator[Item]:
    """Build the objects that stand in the array at a path; all else passes by."""
    names: list[str] = []  # of the containers that are open, the root's is ""
    key = ""
    builder, depth = None, 0
    for event, value in events:
        begins, ends = event in _BEGINS, event in _ENDS
        if builder is not None:
            builder.event(event, value)
            depth += begins - ends
            if depth == 0:
                yield builder.value
                builder = None
        elif event == "start_map" and names == [*wanted, _LIST]:
            builder, depth = ijson.ObjectBuilder(), 1
            builder.event(event, value)
        elif begins:
            names += [key, _LIST] if event == "start_array" else [key]
            key = ""
        elif ends:
            del names[-2 if event == "end_array" else -1 :]
        elif event == "map_key":
            key = value
        if len(names) + depth > MAX_DEPTH:
            raise file.unreadable(
                "", "values are nested more than %(max)s deep", "This is no export.", max=MAX_DEPTH
            )


def _lines(file: SourceFile) -> Iterator[tuple[int, str]]:
    rest, number = "", 1
    for chunk in file.chunks():
        *complete, rest = (rest + chunk).split("\n")
        for line in complete:
            yield number, line
            number += 1
        if len(rest) > MAX_LINE_CHARS:
            raise file.unreadable(f"line {number}", "the line does not end", AGAIN)
    yield number, rest


class _Utf8:
    """A file's text as a stream of UTF-8."""

    def __init__(self, file: SourceFile) -> None:
        self._file = file
        self._chunks = file.chunks()
        self._waiting = b""
        self._silent_bytes = 0  # since the last value was complete
        self.lines = 1

    def watched(self, events: Iterator[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
        """Yield events; a value between two of them that fills memory ends the reading."""
        for event in events:
            self._silent_bytes = 0
            yield event

    def read(self, size: int = -1) -> bytes:
        """Return some bytes, none at the end; 0 asks for nothing."""
        if size == 0:
            return b""
        while not self._waiting:
            chunk = next(self._chunks, None)
            if chunk is None:
                return b""
            self.lines += chunk.count("\n")
            self._waiting = chunk.encode("utf-8")
        if self._silent_bytes > MAX_LINE_CHARS:
            raise self._file.unreadable(f"about line {self.lines}", "a value does not end", AGAIN)
        size = len(self._waiting) if size < 0 else size
        data, self._waiting = self._waiting[:size], self._waiting[size:]
        self._silent_bytes += len(data)
        return data
