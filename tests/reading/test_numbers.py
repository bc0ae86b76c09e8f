"""Numbers of a period, counted by the day it happened on and of the moderator's sites only."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import update

from commentbox.actions.moderate import Ruling, decide
from commentbox.actions.sites import add_site
from commentbox.db import atomic, session
from commentbox.models import Decision, Entrance, Moderator, Site, State
from commentbox.reading.numbers import Numbers, view_numbers
from tests.factories import ada, ben, write, write_held

NOW = datetime(2026, 3, 10, 23, 30, tzinfo=UTC)


def numbers(moderator: Moderator, site_key: str = "", days: int = 30) -> Numbers:
    return view_numbers(session(), moderator, site_key, days, NOW)


def test_days_are_told_one_by_one_and_long_periods_by_the_week(site: Site) -> None:
    write(site, at=NOW)
    write_held(site, at=NOW - timedelta(hours=23, minutes=29))
    write(site, at=NOW - timedelta(hours=24))
    write(site, at=NOW - timedelta(days=30))
    moderator = ben(site)
    found = numbers(moderator)
    assert len(found.spans) == 30
    assert [(s.day, s.total, s.held) for s in found.spans if s.total] == [
        (date(2026, 3, 9), 1, 0),
        (date(2026, 3, 10), 2, 1),
    ]
    assert (found.total, found.held) == (3, 1)
    by_week = numbers(moderator, days=365)
    assert by_week.is_by_week
    assert (by_week.spans[-1].total, sum(s.total for s in by_week.spans)) == (3, 4)
    assert by_week.spans[-1].day == date(2026, 3, 4)


def test_the_time_to_decision_is_that_of_people(site: Site) -> None:
    moderator = ben(site)
    for minutes, entrance in ((5, "dashboard"), (30, "dashboard"), (600, "cli"), (1, "rule")):
        held = write_held(site, at=NOW - timedelta(days=1))
        decide(held.id, State.PUBLISHED, Ruling(Entrance(entrance), moderator))
        with atomic() as current:
            current.execute(
                update(Decision)
                .where(Decision.comment_id == held.id)
                .values(decided_at=NOW - timedelta(days=1) + timedelta(minutes=minutes))
            )
    found = numbers(moderator)
    assert found.waits == [1, 1, 0, 1, 0, 0]
    assert found.median_wait == timedelta(minutes=30)


def test_pages_authors_and_reasons_come_by_their_number(site: Site) -> None:
    for _ in range(3):
        write(site, page="/busy", title="Busy", name="Kim", at=NOW)
        spam = write_held(site, at=NOW)
        decide(spam.id, State.SPAM, Ruling(Entrance.CLI))
    noticed_by_hand = write(site, page="/calm", title="Calm", name="Noor", at=NOW)
    write(site, page="/calm", title="Calm", name="Noor", at=NOW)
    decide(noticed_by_hand.id, State.SPAM, Ruling(Entrance.CLI))
    found = numbers(ben(site))
    assert [(page.title, page.count) for page in found.pages] == [("Busy", 3), ("Calm", 1)]
    assert [author.count for author in found.authors] == [4]  # one address, two names
    assert found.spam_by_check == [("pace", 3), ("by_hand", 1)]
    assert found.spam == 4


def test_nothing_of_anothers_site_is_counted(site: Site) -> None:
    other = add_site("other", ["https://other.example"])
    write(other, at=NOW)
    write(site, at=NOW)
    owner = ada()
    assert numbers(ben(site)).total == 1
    assert numbers(owner).total == 2
    assert numbers(owner, "other").total == 1
    empty = numbers(owner, "none")
    assert (empty.total, empty.median_wait, empty.pages, empty.authors) == (0, None, [], [])
