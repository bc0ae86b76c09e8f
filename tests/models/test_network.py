"""Network tokens: the same for a network on a day, and worth nothing two days later."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from commentbox.db import atomic, session
from commentbox.models import NetworkKey
from commentbox.models.network import network_of, network_token

TODAY = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7/32"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8:0:0:ffff::1", "2001:db8::/64"),
        ("2001:DB8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7/32"),
        ("::ffff:c000:207", "192.0.2.7/32"),
        ("::1", "::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("fe80::1%25", "fe80::/64"),
        # what is no address is a network of its own
        ("", ""),
        ("unix:", "unix:"),
        ("192.0.2.300", "192.0.2.300"),
        ("[unix]", "[unix]"),
        # with the port of the connection
        ("192.0.2.7:40000", "192.0.2.7/32"),
        ("[2001:db8::1]:40000", "2001:db8::/64"),
        ("[2001:db8::1]", "2001:db8::/64"),
        ("[fe80::1%eth0]:1", "fe80::/64"),
    ],
)
def test_a_household_is_one_network(address: str, network: str) -> None:
    assert network_of(address) == network


def test_a_network_has_one_token_a_day(token: Callable[..., str]) -> None:
    assert token("2001:db8::1") == token("2001:db8::ffff")
    assert token("192.0.2.7") == token("::ffff:192.0.2.7")


def test_another_network_has_another_token(token: Callable[..., str]) -> None:
    assert token("192.0.2.7") != token("192.0.2.8")
    assert token("2001:db8::1") != token("2001:db8:0:1::1")


def test_another_day_has_other_tokens(token: Callable[..., str]) -> None:
    assert token("192.0.2.7", TODAY) != token("192.0.2.7", TODAY + timedelta(days=1))


def test_a_token_is_not_the_address_and_fits_its_column(token: Callable[..., str]) -> None:
    assert len(token("192.0.2.7")) == 32
    assert "192.0.2.7" not in token("192.0.2.7")


def test_yesterdays_tokens_can_still_be_made_today(token: Callable[..., str]) -> None:
    yesterday = token("192.0.2.7", TODAY - timedelta(days=1))
    token("192.0.2.7", TODAY)
    assert token("192.0.2.7", TODAY - timedelta(days=1)) == yesterday


def test_after_two_days_a_token_cannot_be_made_again(app: Flask, token: Callable[..., str]) -> None:
    first = token("192.0.2.7", TODAY)
    for days in (1, 2):
        token("192.0.2.7", TODAY + timedelta(days=days))

    with app.app_context():
        days_kept = session().scalars(select(NetworkKey.day).order_by(NetworkKey.day)).all()
    assert days_kept == [TODAY + timedelta(days=1), TODAY + timedelta(days=2)]
    assert token("192.0.2.7", TODAY) != first


def test_threads_that_begin_a_day_at_once_agree_on_its_key(
    app: Flask, token: Callable[..., str]
) -> None:
    all_here = threading.Barrier(8)

    def first_of_the_day(_number: int) -> str:
        all_here.wait()
        return token("192.0.2.7")

    with ThreadPoolExecutor(8) as pool:
        tokens = set(pool.map(first_of_the_day, range(8)))

    assert len(tokens) == 1
    with app.app_context():
        assert len(session().scalars(select(NetworkKey)).all()) == 1


@pytest.fixture
def token(app: Flask) -> Callable[..., str]:
    """Return a function that makes a token in a transaction of its own."""

    def make(address: str, day: date = TODAY) -> str:
        with app.app_context(), atomic() as current:
            return network_token(current, address, day)

    return make
