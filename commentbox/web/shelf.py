"""Where prepared answers are kept: as many as fit, and who is read stays longest."""

import threading
from collections import OrderedDict
from collections.abc import Hashable

from commentbox.web.prepared import Prepared

MAX_BYTES = 12 * 1024 * 1024
MAX_BYTES_INVENTED = 1024 * 1024
"""For pages without a thread: their number has no bounds, and they push no thread's answer out."""


class Shelf:
    """Prepared answers by what was asked, bounded in bytes.

    What is not read a second time leaves first, so that a crowd of questions that are asked but
    once does not push out what readers come for.
    """

    def __init__(
        self, max_bytes: int = MAX_BYTES, max_bytes_invented: int = MAX_BYTES_INVENTED
    ) -> None:
        self._known = _Board(max_bytes)
        self._invented = _Board(max_bytes_invented)
        self._changing = threading.Lock()

    def get(self, key: Hashable) -> Prepared | None:
        """Return what was put there under the key."""
        return self._known.answers.get(key) or self._invented.answers.get(key)

    def put(self, key: Hashable, answer: Prepared) -> None:
        """Keep an answer in place of the one under its key; what is too large is not kept."""
        with self._changing:
            for board in (self._known, self._invented):
                board.take(key)
            (self._invented if answer.basis.is_invented else self._known).put(key, answer)

    def take(self, key: Hashable) -> None:
        """Keep nothing under the key."""
        with self._changing:
            self._known.take(key)
            self._invented.take(key)

    @property
    def size_bytes(self) -> int:
        """How much memory the answers take, about."""
        return self._known.size_bytes + self._invented.size_bytes


class _Board:
    def __init__(self, max_bytes: int) -> None:
        self.answers: OrderedDict[Hashable, Prepared] = OrderedDict()
        self.size_bytes = 0
        self._max_bytes = max_bytes

    def put(self, key: Hashable, answer: Prepared) -> None:
        # No answer may take so much that few fit.
        if answer.size_bytes > self._max_bytes // 4:
            return
        while self.size_bytes + answer.size_bytes > self._max_bytes:
            self._let_one_go()
        self.answers[key] = answer
        self.size_bytes += answer.size_bytes

    def take(self, key: Hashable) -> None:
        if (answer := self.answers.pop(key, None)) is not None:
            self.size_bytes -= answer.size_bytes

    def _let_one_go(self) -> None:
        """Drop the oldest that was not read since its last turn."""
        while True:
            key, answer = next(iter(self.answers.items()))
            if not answer.is_read:
                self.take(key)
                return
            answer.is_read = False
            self.answers.move_to_end(key)
