"""When to try again: the specification's schedule, a little late by chance, never early."""

from datetime import UTC, datetime, timedelta
from itertools import accumulate

import pytest

from commentbox.delivery.backoff import SCHEDULE, next_attempt_at, read_retry_after

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_the_schedule_is_the_specifications() -> None:
    since_start = [str(span) for span in accumulate(SCHEDULE)]
    assert since_start == [
        "0:00:00",
        "0:00:05",
        "0:05:05",
        "0:35:05",
        "2:35:05",
        "7:35:05",
        "17:35:05",
        "1 day, 7:35:05",
        "2 days, 3:35:05",
        "3 days, 3:35:05",
    ]


def test_after_the_last_attempt_it_gives_up() -> None:
    assert next_attempt_at(len(SCHEDULE) - 1, NOW, 0.5) is not None
    assert next_attempt_at(len(SCHEDULE), NOW, 0.5) is None


@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0])
def test_chance_makes_it_later_by_a_tenth_at_most(chance: float) -> None:
    again = next_attempt_at(2, NOW, chance)
    assert again is not None
    assert timedelta(minutes=5) <= again - NOW <= timedelta(minutes=5.5)


@pytest.mark.parametrize(
    ("asked", "wait"),
    [
        (timedelta(hours=2), timedelta(hours=2)),
        (timedelta(seconds=1), timedelta(seconds=5)),
        (timedelta(days=400), timedelta(days=1)),
    ],
)
def test_a_receiver_may_ask_for_more_time_not_for_less(asked: timedelta, wait: timedelta) -> None:
    assert next_attempt_at(1, NOW, 0.0, asked) == NOW + wait


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("120", timedelta(seconds=120)),
        (" 0 ", timedelta(0)),
        ("99999999999999999999", timedelta(days=1)),
        ("Sun, 01 Mar 2026 12:01:00 GMT", timedelta(minutes=1)),
        ("Sun, 01 Mar 2026 11:00:00 GMT", timedelta(0)),
        ("Fri, 31 Dec 9999 23:59:59 -2359", timedelta(days=1)),
        ("Sun, 01 Mar 2026 12:01:00 +99999999999999999999", None),
        ("Sun, 01 Mar 99999999999999 12:01:00 GMT", None),
        ("soon", None),
        ("-5", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_read_as_the_rfc_writes_it(
    written: str | None, meant: timedelta | None
) -> None:
    assert read_retry_after(written, NOW) == meant
