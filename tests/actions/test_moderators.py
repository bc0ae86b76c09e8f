"""Accounts: who gets one, what a new password ends, and whose address and password are given."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from commentbox.actions.moderators import add_moderator, find_moderator, set_password
from commentbox.actions.sites import add_site
from commentbox.db import session
from commentbox.errors import InvalidFields, UnknownSite
from commentbox.models import Moderator, Role
from commentbox.models.password import MAX_CHARS, MIN_CHARS

PASSWORD = "four words of Ada's"


@pytest.fixture(autouse=True)
def _in_the_app(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def test_a_moderator_is_found_by_address_and_password() -> None:
    added = add_moderator("ada@example.org", PASSWORD)
    found = find_moderator("ada@example.org", PASSWORD)
    assert found is not None
    assert found.id == added.id


def test_an_address_is_the_same_in_capitals_and_between_spaces() -> None:
    add_moderator(" Ada@Example.ORG ", PASSWORD)
    assert find_moderator("ADA@example.org ", PASSWORD) is not None


def test_nobody_is_found_by_another_address_or_password() -> None:
    add_moderator("ada@example.org", PASSWORD)
    for email, password in (
        ("ada@example.org", "four words of Ben's"),
        ("ada@example.org", ""),
        ("ada@example.org", PASSWORD + " "),
        ("ben@example.org", PASSWORD),
        ("", PASSWORD),
        ("ada@example.org\0", PASSWORD),
        ("ada" * 200 + "@example.org", PASSWORD),
    ):
        assert find_moderator(email, password) is None


def test_without_a_site_a_moderator_decides_on_every_site() -> None:
    ada = add_moderator("ada@example.org", PASSWORD, role=Role.OWNER)
    later = add_site("later", ["https://later.example"])
    assert ada.decides_on(later.id)


def test_with_a_site_a_moderator_decides_on_that_site_only() -> None:
    blog = add_site("blog", ["https://blog.example"])
    other = add_site("other", ["https://other.example"])
    ben = add_moderator("ben@example.org", PASSWORD, "blog")
    assert ben.decides_on(blog.id)
    assert not ben.decides_on(other.id)


def test_adding_an_account_again_changes_its_role_and_password_and_keeps_its_other_sites() -> None:
    add_site("blog", ["https://blog.example"])
    add_site("other", ["https://other.example"])
    add_moderator("ben@example.org", PASSWORD, "blog")
    add_moderator("ben@example.org", PASSWORD, "other")
    again = add_moderator("ben@example.org", "another password", "blog", Role.OWNER)
    roles = sorted(membership.role for membership in again.memberships)
    assert roles == [Role.MODERATOR, Role.OWNER]
    assert find_moderator("ben@example.org", PASSWORD) is None
    assert find_moderator("ben@example.org", "another password") is not None


def test_adding_an_account_for_all_sites_twice_gives_one_membership() -> None:
    add_moderator("ada@example.org", PASSWORD)
    again = add_moderator("ada@example.org", PASSWORD, role=Role.OWNER)
    assert [membership.role for membership in again.memberships] == [Role.OWNER]


def test_a_new_password_ends_the_sessions_of_the_old_one() -> None:
    ada = add_moderator("ada@example.org", PASSWORD)
    before = ada.session_number
    assert set_password(ada.id, "another password").session_number > before
    assert find_moderator("ada@example.org", PASSWORD) is None


def test_what_is_no_address_gets_no_account() -> None:
    for email in ("", "ada", "@", "ada@", "a b@example.org", "ada@example.org\0"):
        with pytest.raises(InvalidFields):
            add_moderator(email, PASSWORD)


def test_a_password_that_is_too_short_or_too_long_is_refused() -> None:
    for length in (0, MIN_CHARS - 1, MAX_CHARS + 1):
        with pytest.raises(InvalidFields):
            add_moderator("ada@example.org", "x" * length)


def test_a_password_counts_whole_up_to_the_limits() -> None:
    for length in (MIN_CHARS, MAX_CHARS):
        password = "x" * (length - 1) + "y"
        add_moderator("ada@example.org", password)
        assert find_moderator("ada@example.org", password) is not None
        assert find_moderator("ada@example.org", password[:-1] + "z") is None
        assert find_moderator("ada@example.org", password + "z") is None


def test_an_unknown_site_leaves_no_account_behind() -> None:
    with pytest.raises(UnknownSite):
        add_moderator("ada@example.org", PASSWORD, "nowhere")
    assert session().scalars(select(Moderator)).all() == []


def test_a_new_password_alone_widens_no_rights() -> None:
    blog = add_site("blog", ["https://blog.example"])
    other = add_site("other", ["https://other.example"])
    add_moderator("ben@example.org", PASSWORD, "blog", Role.OWNER)
    again = add_moderator("ben@example.org", "another password")
    assert [membership.role for membership in again.memberships] == [Role.OWNER]
    assert again.decides_on(blog.id)
    assert not again.decides_on(other.id)
