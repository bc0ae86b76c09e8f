"""Sites: what they are called, where they live, and what their owners may decide."""

import pytest
from sqlalchemy import select

from commentbox.actions.sites import POLICY, add_site, set_policy
from commentbox.db import session
from commentbox.errors import SetupError, UnknownSite
from commentbox.models import Site


def test_a_site_is_added_with_its_origins_and_goes_by_its_key_until_named() -> None:
    added = add_site("blog", ["https://Blog.example/", "http://localhost:8081"])
    assert [o.origin for o in added.origins] == ["https://blog.example", "http://localhost:8081"]
    assert (added.name, added.language) == ("blog", "en")


def test_adding_a_site_again_adds_origins_and_changes_nothing_else() -> None:
    first = add_site("blog", ["https://blog.example"], "Ada's blog", "de")
    again = add_site("blog", ["https://blog.example", "https://www.blog.example"])
    assert again.id == first.id
    assert [o.origin for o in again.origins] == ["https://blog.example", "https://www.blog.example"]
    assert (again.name, again.language) == ("Ada's blog", "de")


@pytest.mark.parametrize(
    ("key", "origin", "language"),
    [
        ("Blog", "https://blog.example", "en"),
        ("my blog", "https://blog.example", "en"),
        ("", "https://blog.example", "en"),
        ("b" * 65, "https://blog.example", "en"),
        ("blog", "blog.example", "en"),
        ("blog", "ftp://blog.example", "en"),
        ("blog", "https://blog.example", "xx"),
        ("blog", "https://blog.example", ""),
    ],
)
def test_a_site_that_cannot_work_is_not_stored(key: str, origin: str, language: str) -> None:
    with pytest.raises(SetupError):
        add_site(key, [origin], language=language)
    assert session().scalars(select(Site)).all() == []


def test_a_long_name_is_refused_and_not_cut() -> None:
    with pytest.raises(SetupError, match="200"):
        add_site("blog", ["https://blog.example"], "b" * 201)
    assert add_site("blog", ["https://blog.example"], "b" * 200).name == "b" * 200


@pytest.mark.parametrize(
    ("name", "written", "value"),
    [
        ("name", "Ada's blog", "Ada's blog"),
        ("language", "de", "de"),
        ("moderation", "all", "all"),
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
def test_a_good_value_is_kept_and_makes_answers_stale(
    site: Site, name: str, written: str, value: object
) -> None:
    before = site.version
    changed = set_policy("blog", {name: written})
    assert getattr(changed, name) == value
    assert changed.version == before + 1


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
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_what_does(
    site: Site, name: str, written: str
) -> None:
    with pytest.raises(SetupError, match="use"):
        set_policy("blog", {name: written})


def test_one_bad_value_keeps_the_good_ones_out(site: Site) -> None:
    with pytest.raises(SetupError):
        set_policy("blog", {"max_depth": "2", "page_size": "0"})
    assert session().scalars(select(Site)).one().max_depth == 5


def test_only_policy_can_be_set(site: Site) -> None:
    for name in ("key", "id", "version", "created_at", "origins", "__class__", ""):
        with pytest.raises(SetupError, match="max_depth"):
            set_policy("blog", {name: "1"})


def test_every_policy_is_a_column_of_the_site() -> None:
    assert set(POLICY) <= {column.name for column in Site.__table__.columns}


def test_an_unknown_site_has_no_policy(site: Site) -> None:
    with pytest.raises(UnknownSite, match="shop"):
        set_policy("shop", {"max_depth": "2"})
