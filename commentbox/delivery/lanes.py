"""Threads in which attempts run: daemons, so that a hanging receiver holds up no stop."""

import threading
from collections.abc import Callable
from queue import SimpleQueue

Work = Callable[[], None]


class Lanes:
    """A pool of threads, each started when it is first needed. Work must not raise."""

    def __init__(self) -> None:
        self._work: SimpleQueue[Work | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._idle = threading.Semaphore(0)

    def run(self, work: Work) -> None:
        """Run a piece of work in a thread of its own."""
        if not self._idle.acquire(blocking=False):
            thread = threading.Thread(target=self._serve, daemon=True)
            self._threads.append(thread)
            thread.start()
        self._work.put(work)

    def close(self) -> None:
        """Let idle threads end; those under way end with their process."""
        for _ in self._threads:
            self._work.put(None)

    def _serve(self) -> None:
        while (work := self._work.get()) is not None:
            work()
            self._idle.release()
