"""Two sites on one service share nothing, though their pages have the same paths."""

import pytest
from flask import Flask

from commentbox.actions.sites import add_site
from commentbox.models import Site
from tests.flows.conftest import Desk
from tests.web.readers import PAGE, Reader


@pytest.fixture
def at_blog(app: Flask, site: Site) -> Reader:
    """Return a reader of “blog”."""
    return Reader(app, site)


@pytest.fixture
def at_shop(app: Flask, site: Site) -> Reader:
    """Return a reader of “shop”, another site."""
    with app.app_context():
        shop = add_site("shop", ["https://shop.example"])
    return Reader(app, shop, headers={"Origin": "https://shop.example"})


def test_pages_of_the_same_path_have_a_thread_on_each_site(
    at_blog: Reader, at_shop: Reader
) -> None:
    at_blog.posted("About the blog.")
    at_shop.posted("About the shop.")

    assert [c["html"] for c in at_blog.read()["comments"]] == ["<p>About the blog.</p>"]
    assert [c["html"] for c in at_shop.read()["comments"]] == ["<p>About the shop.</p>"]


def test_a_reply_cannot_answer_a_comment_of_another_site(at_blog: Reader, at_shop: Reader) -> None:
    there = at_blog.posted("I am at the blog.")

    answer = at_shop.post("And I am at the shop.", parent=there.id)

    assert answer.status_code == 422
    assert at_shop.stored()["Comment"] == 1


def test_a_page_of_one_site_cannot_write_to_the_other(at_blog: Reader, at_shop: Reader) -> None:
    stray = Reader(at_blog.app, at_blog.site, headers=at_shop.headers)

    answer = stray.post("From the shop to the blog.")

    assert (answer.status_code, answer.json["code"]) == (403, "origin_refused")
    assert stray.stored()["Comment"] == 0


def test_a_ticket_of_one_site_proves_nothing_at_the_other(at_blog: Reader, at_shop: Reader) -> None:
    assert at_shop.post("Here I am.", ticket=at_blog.ticket()).status_code == 202


def test_counts_and_feeds_are_of_one_site(at_blog: Reader, at_shop: Reader) -> None:
    at_blog.posted("About the blog.")

    counts = at_shop.client.get("/api/v1/sites/shop/counts", query_string={"page": PAGE})
    assert counts.json == {"counts": {PAGE: 0}}
    assert "About the blog." not in at_shop.client.get("/feeds/shop.atom").text


def test_ben_cannot_decide_on_a_site_that_is_not_his(at_shop: Reader, ben: Desk) -> None:
    held = at_shop.posted("Not for Ben's eyes.", ticket=None)

    assert not ben.sees("Not for Ben's eyes.")
    with pytest.raises(AssertionError):
        ben.decide(held.id, "published")
    assert at_shop.row(held.id).state == "held"
