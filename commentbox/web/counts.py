"""The counts of the rate limits where they are kept in memory."""

import threading
import time

from limits.storage import MemoryStorage

SWEPT_EVERY = 1000


class Counts(MemoryStorage):
    """Counts fixed windows, at the same cost however many networks are counted.

    What it stands in for starts a thread for nearly every count, and that looks at all counts.
    """

    STORAGE_SCHEME = ["commentbox-memory"]  # noqa: RUF012  (limits registers the class by it)

    def __init__(
        self, uri: str | None = None, wrap_exceptions: bool = False, **options: str
    ) -> None:
        super().__init__(uri, wrap_exceptions, **options)
        self._counting = threading.Lock()
        self._until_sweep = SWEPT_EVERY

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count in the key's window, which begins with its first count and lasts ``expiry`` seconds."""
        now = time.time()
        with self._counting:
            self._until_sweep -= 1
            if self._until_sweep <= 0:
                self._sweep(now)
            if self.expirations.get(key, 0) <= now:
                self.storage[key] = 0
                self.expirations[key] = now + expiry
            self.storage[key] += amount
            return self.storage[key]

    def _sweep(self, now: float) -> None:
        """Forget windows that are over; next time when as many counts have come as are kept."""
        for key in [key for key, end in self.expirations.items() if end <= now]:
            del self.expirations[key]
            self.storage.pop(key, None)
        self._until_sweep = max(SWEPT_EVERY, len(self.expirations))
