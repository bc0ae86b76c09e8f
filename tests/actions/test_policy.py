"""What a blog owner may decide, and how each value is written."""

import pytest

from commentbox.errors import SetupError
from commentbox.models import Site
from commentbox.models.policy import POLICY


@pytest.fixture(autouse=True)
def _in_the_app() -> None:
    """Nothing here needs an app."""


@pytest.mark.parametrize(
    ("name", "written", "value"),
    [
        ("name", "Ada's blog", "Ada's blog"),
        ("language", "de", "de"),
        ("moderation", "all", "all"),
        ("moderation", "known", "known"),
        ("known_after", "100", 100),
        ("young_days", "0", 0),
        ("old_thread_days", "36500", 36_500),
        ("reports_to_hold", "0", 0),
        ("storm_held", "10000", 10_000),
        ("held_words", "", ""),
        ("held_words", "casino*, Payday  loan\n\ncasino*", "casino*\nPayday loan"),
        ("is_open", "no", False),
        ("is_open", "YES", True),
        ("votes", "off", False),
        ("require_name", "1", True),
        ("require_email", "true", True),
        ("pace_seconds", "0", 0),
        ("pace_seconds", "3600", 3600),
        ("max_links", "100", 100),
        ("max_length_chars", "1", 1),
        ("max_length_chars", "50000", 50_000),
        ("max_depth", "0", 0),
        ("max_depth", "10", 10),
        ("page_size", "200", 200),
        ("edit_window_seconds", "604800", 604_800),
    ],
)
def test_a_value_that_fits_is_read(name: str, written: str, value: object) -> None:
    assert POLICY[name].read(written) == value


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("language", "xx"),
        ("moderation", "some"),
        ("moderation", ""),
        ("is_open", "maybe"),
        ("is_open", ""),
        ("pace_seconds", "-1"),
        ("pace_seconds", "3601"),
        ("pace_seconds", "0000000000009999"),
        ("pace_seconds", "3.5"),
        ("pace_seconds", "three"),
        ("pace_seconds", "٣"),
        ("pace_seconds", "9" * 5000),
        ("max_links", "101"),
        ("max_length_chars", "0"),
        ("max_length_chars", "50001"),
        ("max_depth", "11"),
        ("page_size", "0"),
        ("page_size", "201"),
        ("edit_window_seconds", "604801"),
        ("name", "n" * 201),
        ("known_after", "0"),
        ("held_words", "fine\n*"),
        ("held_words", "w" * 101),
        ("held_words", "\n".join(f"word{number}" for number in range(1001))),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_what_does(name: str, written: str) -> None:
    with pytest.raises(SetupError, match="use"):
        POLICY[name].read(written)


def test_every_policy_is_a_column_of_the_site() -> None:
    assert set(POLICY) <= {column.name for column in Site.__table__.columns}
