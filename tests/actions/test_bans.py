"""Banning: what can be banned, for how long, and by whom it is lifted."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from commentbox.actions.bans import UnknownBan, Wish, ban, lift
from commentbox.actions.sites import add_site
from commentbox.db import session
from commentbox.errors import InvalidFields
from commentbox.models import Ban, BanKind, Site
from tests.factories import WRITTEN_AT, ada, write

DAY = timedelta(days=1)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Return a SQLite database: nothing here depends on the kind."""
    return sqlite_url


def test_an_address_a_domain_and_a_word_are_kept_as_they_are_compared(site: Site) -> None:
    wishes = [
        Wish(BanKind.ADDRESS, " Mallory@Spam.example "),
        Wish(BanKind.ADDRESS, "@Spam.example"),
        Wish(BanKind.WORD, "payday   loan*"),
        Wish(BanKind.ADDRESS, comment=write(site)),
    ]
    assert [ban(site, wish, None, WRITTEN_AT).value for wish in wishes] == [
        "mallory@spam.example",
        "@spam.example",
        "payday loan*",
        "cy@example.org",
    ]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (BanKind.ADDRESS, ""),
        (BanKind.ADDRESS, "mallory"),
        (BanKind.ADDRESS, "a b@example.org"),
        (BanKind.ADDRESS, "a@b@example.org"),
        (BanKind.ADDRESS, "@"),
        (BanKind.ADDRESS, "a@" + "b" * 253),
        (BanKind.WORD, ""),
        (BanKind.WORD, "*"),
        (BanKind.WORD, "w" * 101),
        (BanKind.AUTHOR, "7"),
        (BanKind.NETWORK, "f00"),
    ],
)
def test_what_names_nobody_is_refused(site: Site, kind: BanKind, value: str) -> None:
    with pytest.raises(InvalidFields):
        ban(site, Wish(kind, value), None, WRITTEN_AT)


def test_a_ban_of_the_same_is_replaced(site: Site) -> None:
    first = ban(site, Wish(BanKind.WORD, "cheap", reason="old"), None, WRITTEN_AT)
    ban(site, Wish(BanKind.WORD, "cheap", is_open=True, reason=" new "), ada(), WRITTEN_AT)
    (kept,) = session().scalars(select(Ban))
    assert (kept.id, kept.is_open, kept.reason) == (first.id, True, "new")


def test_a_network_is_banned_no_longer_than_it_is_known(site: Site) -> None:
    comment = write(site)
    end = datetime(2026, 3, 3, tzinfo=UTC)
    for asked, kept in (
        (None, end),
        (WRITTEN_AT + 90 * DAY, end),
        (WRITTEN_AT + DAY, WRITTEN_AT + DAY),
    ):
        wish = Wish(BanKind.NETWORK, comment=comment, expires_at=asked)
        assert ban(site, wish, None, WRITTEN_AT).expires_at == kept
    with pytest.raises(InvalidFields):
        ban(site, Wish(BanKind.NETWORK, comment=comment), None, end)


def test_a_ban_is_lifted_on_its_own_site_only(site: Site) -> None:
    other = add_site("other", ["https://other.example"])
    placed = ban(site, Wish(BanKind.WORD, "cheap"), None, WRITTEN_AT)
    with pytest.raises(UnknownBan):
        lift(other, placed.id)
    lift(site, placed.id)
    with pytest.raises(UnknownBan):
        lift(site, placed.id)


def test_bans_that_are_over_are_forgotten(site: Site) -> None:
    ban(site, Wish(BanKind.WORD, "old", expires_at=WRITTEN_AT + DAY), None, WRITTEN_AT)
    ban(site, Wish(BanKind.WORD, "new"), None, WRITTEN_AT + DAY)
    assert [kept.value for kept in session().scalars(select(Ban))] == ["new"]
