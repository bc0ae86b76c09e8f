"""Counting in memory: in windows, by many at once, and without keeping what is over."""

import time
from threading import Thread

from commentbox.web.counts import SWEPT_EVERY, Counts


def test_a_window_is_counted_from_its_first_count() -> None:
    counts, now = Counts(), time.time()
    assert [counts.incr("key", 60), counts.incr("key", 60), counts.incr("other", 60)] == [1, 2, 1]
    assert counts.get("key") == 2
    assert now + 60 <= counts.get_expiry("key") <= time.time() + 60


def test_a_window_that_is_over_counts_no_more() -> None:
    counts = Counts()
    assert [counts.incr("key", 0), counts.incr("key", 0)] == [1, 1]
    assert counts.get("key") == 0
    assert [counts.incr("key", 60), counts.incr("key", 60)] == [1, 2]


def test_those_who_count_at_once_are_all_counted() -> None:
    counts = Counts()
    crowd = [Thread(target=lambda: [counts.incr("key", 60) for _ in range(500)]) for _ in range(4)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert counts.get("key") == 2000


def test_what_is_over_is_forgotten() -> None:
    counts = Counts()
    for number in range(5 * SWEPT_EVERY):
        counts.incr(f"network {number}", 0)
    assert len(counts.expirations) <= SWEPT_EVERY
    assert len(counts.storage) <= SWEPT_EVERY
