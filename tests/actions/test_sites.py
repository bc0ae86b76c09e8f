"""Sites: what they are called, where they live, and what their owners may decide."""

import pytest
from sqlalchemy import inspect, select, text

from commentbox.actions.report import report
from commentbox.actions.sites import add_site, remove_site, set_policy
from commentbox.actions.vote import cast_vote
from commentbox.db import session
from commentbox.errors import SetupError, UnknownSite
from commentbox.models import Site, State
from tests.factories import WRITTEN_AT, ben, rule, write, write_chain


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


def test_adding_a_site_again_with_another_name_or_language_changes_them() -> None:
    first = add_site("blog", ["https://blog.example"], "Ada's blog", "de")
    before = first.version
    again = add_site("blog", [], "Ada's and Ben's blog", "en")
    assert (again.name, again.language) == ("Ada's and Ben's blog", "en")
    assert again.version > before


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


def test_a_policy_is_kept_and_makes_answers_stale(site: Site) -> None:
    before = site.version
    changed = set_policy("blog", {"max_depth": "2", "moderation": "all", "votes": "off"})
    assert (changed.max_depth, changed.moderation, changed.votes) == (2, "all", False)
    assert changed.version == before + 1


def test_one_bad_value_keeps_the_good_ones_out(site: Site) -> None:
    with pytest.raises(SetupError):
        set_policy("blog", {"max_depth": "2", "page_size": "0"})
    assert session().scalars(select(Site)).one().max_depth == 5


def test_only_policy_can_be_set(site: Site) -> None:
    for name in ("key", "id", "version", "created_at", "origins", "__class__", ""):
        with pytest.raises(SetupError, match="max_depth"):
            set_policy("blog", {name: "1"})


def test_an_unknown_site_has_no_policy(site: Site) -> None:
    with pytest.raises(UnknownSite, match="shop"):
        set_policy("shop", {"max_depth": "2"})


def test_a_site_is_removed_with_all_that_hangs_on_it(site: Site) -> None:
    write(site)
    before = rows()
    shop = add_site("shop", ["https://shop.example"])
    root, reply = write_chain(shop, 2)
    cast_vote(root.id, 1, "192.0.2.9", WRITTEN_AT)
    report(reply.id, "Advertisement", "192.0.2.9", WRITTEN_AT)
    rule(reply, State.SPAM, reason="An advertisement")
    ben(shop)
    assert remove_site("shop") == 2
    gone = {name: count - before[name] for name, count in rows().items() if count != before[name]}
    assert gone == {"commentbox_moderator": 1}  # Ben's account stays, without a site


def rows() -> dict[str, int]:
    """Return how many rows each table holds, the search index's list of documents included."""
    names = inspect(session().connection()).get_table_names()
    names = [name for name in names if not name.endswith(("_search_data", "_search_idx"))]
    count = "SELECT count(*) FROM {}".format
    return {name: session().execute(text(count(name))).scalar_one() for name in names}
