"""A storm: what is unusual, told by two counts that fade."""

from datetime import UTC, datetime, timedelta

from commentbox.models.storm import HeldCount

BEGIN = datetime(2026, 3, 1, 12, tzinfo=UTC)


def held(times: int, every: timedelta, count: HeldCount | None = None) -> HeldCount:
    """Return the count after so many were held at this pace."""
    count = count or HeldCount()
    for _ in range(times):
        count = count.with_one_more((count.at or BEGIN) + every)
    return count


def test_so_many_within_minutes_are_unusual() -> None:
    second = timedelta(seconds=1)
    assert not held(9, second).is_unusual(10)
    assert held(10, second).is_unusual(10)
    assert not held(10, timedelta(minutes=5)).is_unusual(10)


def test_what_a_busy_site_holds_every_day_is_not_unusual() -> None:
    usual = held(20_000, timedelta(minutes=1))
    assert not usual.is_unusual(5)
    assert not held(20, timedelta(seconds=1), usual).is_unusual(5)
    assert held(60, timedelta(seconds=1), usual).is_unusual(5)


def test_nought_means_never() -> None:
    assert not held(1000, timedelta(seconds=1)).is_unusual(0)
