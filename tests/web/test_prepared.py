"""Answers that end otherwise for each who asks: put together they are what they would be in one."""

import gzip
from random import Random

import pytest

from commentbox.clock import now
from commentbox.reading.basis import NOTHING
from commentbox.web.prepared import PreparedBeginning

BODY = "Well said! äöü ".encode() * 300


@pytest.mark.parametrize("level", [2, 5])
@pytest.mark.parametrize("length", [1, 2, 100, 65_534, 65_535, 65_536, 200_000])
def test_a_beginning_and_any_end_are_one_whole(level: int, length: int) -> None:
    ends = [Random(seed).randbytes(length) for seed in range(3)]
    waiting = iter(ends * 2)
    answer = PreparedBeginning([], BODY, NOTHING, 0, now(), now(), level, lambda: next(waiting))
    for end in ends:
        packed = answer.for_request({"REQUEST_METHOD": "GET", "HTTP_ACCEPT_ENCODING": "gzip"})
        assert gzip.decompress(packed.body) == BODY + end
        assert ("Content-Encoding", "gzip") in packed.headers
        assert ("Content-Length", str(len(packed.body))) in packed.headers
    for end in ends:
        plain = answer.for_request({"REQUEST_METHOD": "GET"})
        assert plain.body == BODY + end
        assert plain.headers == [("Content-Length", str(len(plain.body)))]


def test_it_takes_the_memory_of_its_compressed_bytes() -> None:
    def size_bytes(body: bytes) -> int:
        return PreparedBeginning([], body, NOTHING, 0, now(), now(), 5, lambda: b".").size_bytes

    assert size_bytes(BODY * 100) < size_bytes(BODY) + len(BODY) * 10
    assert size_bytes(Random(1).randbytes(50_000)) > size_bytes(BODY) + 45_000
