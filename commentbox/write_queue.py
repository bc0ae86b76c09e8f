"""The queue of those in one process who write to one SQLite file."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from commentbox.errors import Unavailable

PATIENCE_SECONDS = 10.0
"""How long a writer waits in all: for its turn, then for writers of other processes."""

MAX_WAITING_FOR_OTHERS = 8
"""Half of a worker's threads: while another process keeps the file, the other half answers readers."""

STUCK_AFTER_SECONDS = 1.0

LOOK_UP_SECONDS = 0.5
"""How often those who wait look whether they still should."""


class WriteQueue:
    """Lets one writer at a time to the file, each for as long as its patience lasts.

    SQLite itself has writers try again in no order: a queue keeps waiting short and fair.
    """

    def __init__(
        self,
        max_waiting_for_others: int = MAX_WAITING_FOR_OTHERS,
        stuck_after_seconds: float = STUCK_AFTER_SECONDS,
    ) -> None:
        self._turn = threading.Lock()
        self._counting = threading.Lock()
        self.waiting = 0
        self._max_waiting = max_waiting_for_others
        self._stuck_after = stuck_after_seconds
        self._at_the_door_since: float | None = None
        self._is_kept = False

    @contextmanager
    def turn(self, patience_seconds: float = PATIENCE_SECONDS) -> Iterator[float]:
        """Hold a turn while the block runs; gives the seconds of patience that are left.

        Raises Unavailable when they were over before, and at once where many wait already for a
        file that another process keeps.
        """
        end = time.monotonic() + patience_seconds
        self._wait_for_turn(end)
        self._at_the_door_since = time.monotonic()
        try:
            yield max(0.0, end - time.monotonic())
        finally:
            # Who left without the file tells the next ones that it is still being kept.
            self._is_kept = self._at_the_door_since is not None
            self._at_the_door_since = None
            self._turn.release()

    def let_in(self) -> None:
        """Say that the writer whose turn it is has the file for itself."""
        self._at_the_door_since = None

    @property
    def is_crowded(self) -> bool:
        """Whether so many wait for a file that another process keeps that nobody else should."""
        return self._is_stuck and self.waiting >= self._max_waiting

    @property
    def _is_stuck(self) -> bool:
        since = self._at_the_door_since
        is_long = since is not None and time.monotonic() - since > self._stuck_after
        return self._is_kept or is_long

    def _wait_for_turn(self, end: float) -> None:
        with self._counting:
            if self.is_crowded:
                raise Unavailable
            self.waiting += 1
        while not self._turn.acquire(
            timeout=max(0.0, min(LOOK_UP_SECONDS, end - time.monotonic()))
        ):
            with self._counting:
                # Those who came before anybody knew that the file is kept make room as well.
                is_one_too_many = self._is_stuck and self.waiting > self._max_waiting
                if is_one_too_many or time.monotonic() >= end:
                    self.waiting -= 1
                    raise Unavailable
        with self._counting:
            self.waiting -= 1
