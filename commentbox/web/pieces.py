"""Pieces of pages as they were last rendered: a page that one new comment makes old renders one comment."""

import sys
import threading
from collections.abc import Callable, Hashable
from typing import NamedTuple

MAX_BYTES = 6 * 1024 * 1024
"""Some two thousand usual comments."""

OVERHEAD_BYTES = 900
"""What an entry takes beside its texts, about."""


class Pieces:
    """Rendered pieces in UTF-8, bounded in bytes; the oldest leave first.

    Each is kept with everything that it was made of, so none is ever out of date: what has changed
    is not equal. To compare is cheaper than to look a piece up by all of that, and what was outrun
    leaves at once.
    """

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self.size_bytes = 0
        self._max_bytes = max_bytes
        self._kept: dict[Hashable, _Piece] = {}
        self._changing = threading.Lock()

    def of(self, place: Hashable, made_of: tuple[object, ...], render: Callable[[], str]) -> bytes:
        """Return what ``render`` writes, which depends on ``place`` and ``made_of`` and nothing else."""
        known = self._kept.get(place)
        if known is not None and known.made_of == made_of:
            return known.html
        html = render().encode()
        texts = [part for part in made_of if isinstance(part, str)]
        size_bytes = OVERHEAD_BYTES + sum(map(sys.getsizeof, (html, *texts)))
        self._keep(place, _Piece(made_of, html, size_bytes))
        return html

    def _keep(self, place: Hashable, piece: "_Piece") -> None:
        with self._changing:
            self._let_go(place)
            if piece.size_bytes > self._max_bytes // 16:
                return
            while self.size_bytes + piece.size_bytes > self._max_bytes:
                self._let_go(next(iter(self._kept)))
            self._kept[place] = piece
            self.size_bytes += piece.size_bytes

    def _let_go(self, place: Hashable) -> None:
        if (piece := self._kept.pop(place, None)) is not None:
            self.size_bytes -= piece.size_bytes


class _Piece(NamedTuple):
    made_of: tuple[object, ...]
    html: bytes
    size_bytes: int
