"""The shelf holds so many bytes and no more; what is read stays."""

import random

from commentbox.clock import now
from commentbox.reading.basis import Basis
from commentbox.web.prepared import Prepared
from commentbox.web.shelf import Shelf

BODY_BYTES = 10_000


def answer(*, invented: bool = False, size: int = BODY_BYTES) -> Prepared:
    """Return an answer that does not get smaller by compression."""
    body = random.Random(size).randbytes(size)
    return Prepared([("ETag", 'W/"1"')], body, Basis(is_invented=invented), 0, now(), now())


def test_however_much_is_put_there_it_takes_no_more_than_its_bytes() -> None:
    shelf = Shelf(max_bytes=100_000, max_bytes_invented=50_000)
    for number in range(200):
        shelf.put(number, answer(invented=number % 2 == 0))
        assert shelf.size_bytes <= 150_000
    assert shelf.get(199) is not None
    assert shelf.get(1) is None


def test_pages_that_anybody_can_make_up_push_no_thread_out() -> None:
    shelf = Shelf(max_bytes=100_000, max_bytes_invented=50_000)
    shelf.put("thread", answer())
    for number in range(200):
        shelf.put(number, answer(invented=True))
    assert shelf.get("thread") is not None


def test_what_is_read_outlives_what_was_asked_once() -> None:
    shelf = Shelf(max_bytes=100_000)
    read = answer()
    shelf.put("read", read)
    for number in range(200):
        shelf.put(number, answer())
        read.is_read = True
    assert shelf.get("read") is read


def test_an_answer_in_place_of_another_takes_its_bytes() -> None:
    shelf = Shelf()
    shelf.put("page", answer(invented=True))
    shelf.put("page", answer(size=20_000))
    once = shelf.size_bytes
    for _ in range(5):
        shelf.put("page", answer(size=20_000))
    assert shelf.size_bytes == once < 25_000


def test_what_would_leave_no_room_is_not_kept() -> None:
    shelf = Shelf(max_bytes=100_000)
    shelf.put("small", answer())
    shelf.put("huge", answer(size=90_000))
    assert shelf.get("huge") is None
    assert shelf.get("small") is not None
