"""XML in a stream of starts and ends: no DTD, no entities, no network, no tree.

Expat itself, of the standard library, with everything refused that exports have no use for; see
docs/decisions.
"""

import re
from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from xml.parsers import expat

from commentbox.errors import Phrase
from commentbox.transfer.source.file import SourceFile, Unreadable

MAX_DEPTH = 64
MAX_TEXT_CHARS = 1_000_000
MAX_TOKEN_BYTES = 4 * 1024 * 1024

_SHORT = (
    (re.compile(r"https?://wordpress\.org/export/[0-9.]+/"), "wp:"),
    (re.compile(r"https?://disqus\.com/?"), ""),
    (re.compile(r"https?://disqus\.com/disqus-internals/?"), "dsq:"),
)

AGAIN = "Export it again, or mend that line; what comes before it is read."


@dataclass(frozen=True, slots=True)
class Start:
    """An element begins."""

    name: str  # e.g. "item", "wp:comment", "dsq:id" of an attribute
    attributes: dict[str, str]
    line: int


@dataclass(frozen=True, slots=True)
class End:
    """An element ends, with the text that stood directly in it."""

    name: str
    text: str


Event = Start | End


def events(file: SourceFile, kept: Collection[str]) -> Iterator[Event]:
    """Yield starts and ends of all elements, with the text of those that are to be kept.

    Raises Unreadable.
    """
    reader = _Reader(file, frozenset(kept))
    is_begun = False
    for chunk in file.chunks():
        if not is_begun:
            chunk = chunk[max(chunk.find("<"), 0) :]  # blank lines and strays before the first tag
            is_begun = "<" in chunk
        if is_begun:
            yield from reader.feed(chunk)
    yield from reader.finish()


@dataclass
class _Reader:
    file: SourceFile
    kept: frozenset[str]
    open: list[str] = field(default_factory=list)
    found: deque[Event] = field(default_factory=deque)
    words: list[str] = field(default_factory=list)
    length: int = 0
    fed: int = 0
    is_over: bool = False  # the root has ended

    def __post_init__(self) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._refuse_dtd
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self.parser = parser

    def feed(self, chunk: str) -> Iterator[Event]:
        """Yield what a chunk of text completes; what is complete before a fault is not lost."""
        self.fed += len(chunk.encode("utf-8"))
        fault = self._parsed(chunk, is_final=False)
        yield from self._drained()
        # Expat keeps a tag or comment that does not end; nobody writes one that long.
        if fault is None and self.fed - self.parser.CurrentByteIndex > MAX_TOKEN_BYTES:
            fault = self._unreadable(Phrase("a tag or comment does not end"))
        if fault is not None:
            raise fault

    def finish(self) -> Iterator[Event]:
        """Yield what is left, or say that the file ends too early."""
        fault = self._parsed("", is_final=True)
        yield from self._drained()
        if fault is not None:
            raise fault

    def _parsed(self, chunk: str, *, is_final: bool) -> Unreadable | None:
        try:
            self.parser.Parse(chunk, is_final)
        except Unreadable as error:
            return error
        except expat.ExpatError as error:
            if self.is_over:  # strays after the last tag say nothing
                return None
            return self._unreadable(self._explained(error))
        return None

    def _drained(self) -> Iterator[Event]:
        while self.found:
            yield self.found.popleft()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self.open) >= MAX_DEPTH:
            raise self._unreadable(
                Phrase("elements are nested more than %(max)s deep", {"max": MAX_DEPTH})
            )
        short = short_name(name)
        self.open.append(short)
        self.words.clear()
        self.length = 0
        named = {short_name(key): value for key, value in attributes.items()}
        self.found.append(Start(short, named, self.parser.CurrentLineNumber))

    def _end(self, _name: str) -> None:
        name = self.open.pop()
        self.is_over = not self.open
        text = "".join(self.words) if name in self.kept else ""
        self.words.clear()
        self.length = 0
        self.found.append(End(name, text))

    def _text(self, text: str) -> None:
        if self.open[-1] in self.kept and self.length < MAX_TEXT_CHARS:
            self.words.append(text)
            self.length += len(text)

    def _refuse_dtd(self, *_declaration: object) -> None:
        raise self.file.unreadable(
            f"line {self.parser.CurrentLineNumber}",
            "it declares a document type, which no export needs and attacks use",
            "Remove the line that begins with <!DOCTYPE if you trust the file.",
        )

    def _explained(self, error: expat.ExpatError) -> Phrase:
        ends_early = error.code in (
            expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS],
            expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_TOKEN],
            expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION],
        )
        if ends_early:
            if not self.open:
                return Phrase("the file ends too early")
            return Phrase("the file ends too early inside <%(tag)s>", {"tag": self.open[-1]})
        detail = {"error": expat.ErrorString(error.code)}
        return Phrase("it is not well-formed XML (%(error)s)", detail)

    def _unreadable(self, problem: Phrase) -> Unreadable:
        return self.file.unreadable(f"line {self.parser.CurrentLineNumber}", problem, AGAIN)


@lru_cache(maxsize=512)
def short_name(name: str) -> str:
    """Return ``"wp:comment"`` for ``"http://wordpress.org/export/1.2/ comment"``."""
    namespace, separator, local = name.rpartition(" ")
    if not separator:
        return name
    known = (prefix for pattern, prefix in _SHORT if pattern.fullmatch(namespace))
    return next(known, f"{namespace} ") + local
