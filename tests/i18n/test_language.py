"""Which language a reader gets, and how it writes dates."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commentbox.i18n import LANGUAGES, language

NOON = datetime(2026, 3, 1, 12, 0, 59, tzinfo=UTC)


@pytest.mark.parametrize("tag", ["de", "de-AT", "de_CH", "DE", " de-Latn-DE "])
def test_a_region_gets_its_language(tag: str) -> None:
    assert language(tag).code == "de"


@pytest.mark.parametrize("tag", [None, "", "tlh", "und", "../de", "-de", "d"])
def test_a_tag_without_a_catalogue_gets_the_default(tag: str | None) -> None:
    assert language(tag).code == "en"
    assert language(tag, default="de").code == "de"


@given(tag=st.text(), default=st.text())
def test_every_tag_gets_a_language_that_there_is(tag: str, default: str) -> None:
    assert language(tag, default).code in LANGUAGES


def test_german_speaks_german() -> None:
    german = language("de")
    assert german.gettext("Cancel reply") == "Antworten abbrechen"
    assert german.ngettext("%(num)s comment", "%(num)s comments", 1) == "%(num)s Kommentar"
    assert german.ngettext("%(num)s comment", "%(num)s comments", 0) == "%(num)s Kommentare"


def test_a_language_writes_numbers_its_own_way() -> None:
    message, facts = "%(max)s, %(seconds)s %(name)s", {"max": 10_000, "seconds": 1.5, "name": "7"}
    assert language("de").filled(message, facts) == "10.000, 1,5 7"
    assert language("en").filled(message, facts) == "10,000, 1.5 7"


def test_an_unknown_message_stays_as_it_is() -> None:
    assert language("de").gettext("Nobody translated this.") == "Nobody translated this."


def test_moments_are_written_in_the_language_and_in_utc() -> None:
    assert language("en").datetime(NOON) == "1 March 2026, 12:00 UTC"
    assert language("de").datetime(NOON) == "1. März 2026, 12:00 UTC"
    assert language("de").date(NOON) == "1. März 2026"


def test_a_moment_of_another_zone_is_written_in_utc() -> None:
    in_auckland = NOON.astimezone(timezone(timedelta(hours=13)))
    assert in_auckland.day == 2
    assert language("en").datetime(in_auckland) == "1 March 2026, 12:00 UTC"


def test_a_language_says_which_way_it_is_written() -> None:
    assert language("de").direction == "ltr"
