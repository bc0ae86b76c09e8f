"""The demo's conversations: what they must show, and what they must never contain."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from commentbox.demo.conversations import (
    AGE,
    DemoComment,
    DemoPage,
    demo_pages,
    published_at,
)

PAGES = demo_pages()
RESERVED = re.compile(r"(^|\.)(example|example\.(com|net|org)|test|invalid)$")  # RFC 2606, RFC 6761


def test_two_sites_share_the_service():
    assert [(page.site, page.language) for page in PAGES] == [("blog-de", "de"), ("blog-en", "en")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.site)
def test_replies_go_deeper_than_a_site_displays(page: DemoPage):
    assert max(depth(comment) for comment in page.comments) > 5


def test_one_thread_is_long_enough_for_more_than_one_page():
    assert max(len(list(page.thread())) for page in PAGES) > 120


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.site)
def test_every_text_is_within_the_limits(page: DemoPage):
    for comment in (*page.thread(), *page.held):
        assert 0 < len(comment.text) <= 10_000
        assert 0 < len(comment.name) <= 100
        assert comment.text == comment.text.strip()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.site)
def test_a_reply_is_later_than_what_it_answers(page: DemoPage):
    for comment in page.thread():
        for reply in comment.replies:
            assert reply.minutes_after_start > comment.minutes_after_start


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.site)
def test_nobody_says_the_same_twice(page: DemoPage):
    texts = [comment.text for comment in page.thread()]
    assert len(texts) == len(set(texts))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.site)
def test_links_lead_to_reserved_domains_only(page: DemoPage):
    said = (*page.thread(), *page.held)
    links = [link for comment in said for link in re.findall(r"https?://[^\s<>)]+", comment.text)]
    websites = [comment.website for comment in said if comment.website]
    assert links
    for link in (*links, *websites):
        assert RESERVED.search(urlsplit(link).hostname or ""), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.site)
def test_no_e_mail_address_is_shown(page: DemoPage):
    for comment in (*page.thread(), *page.held):
        assert not re.search(r"\w@\w", comment.text)


def test_comments_wait_for_three_different_reasons():
    held = [held for page in PAGES for held in page.held]
    assert {one.reason for one in held} == {"many_links", "too_fast", "ticket_expired"}
    assert {one.page for one in held} <= {page.path for page in PAGES}


def test_a_name_is_written_in_another_script():
    names = {comment.name for page in PAGES for comment in page.thread()}
    assert {"Юлия", "美咲"} <= names


@pytest.mark.parametrize("hour", [0, 6, 7, 23])
def test_nothing_was_said_in_the_future(hour: int):
    now = datetime(2026, 3, 1, hour, 30, tzinfo=UTC)
    last = max(comment.minutes_after_start for page in PAGES for comment in page.thread())
    assert published_at(now) + timedelta(minutes=last) < published_at(now) + AGE <= now


def depth(comment: DemoComment) -> int:
    """Levels of replies below a comment."""
    return max((1 + depth(reply) for reply in comment.replies), default=0)
