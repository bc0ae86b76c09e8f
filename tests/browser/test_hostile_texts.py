"""Hostile texts in every field run nothing and leave only allowed elements, wherever they are shown."""

import json
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path

import pytest
from flask import render_template_string
from playwright.sync_api import Page, expect
from sqlalchemy import insert, select

from commentbox import clock, markup
from commentbox.db import atomic
from commentbox.models import Comment, Site, State, Thread
from commentbox.models.comment import text_digest
from commentbox.models.thread import KEY_MAX_CHARS
from tests.browser.blog import PAGE, Blog
from tests.browser.box import Box
from tests.browser.harmless import Watch

OpenPage = Callable[..., Page]

TOGETHER = 12  # as many payloads in one text, each in a block of its own, and in one name
MAX_TITLE_CHARS = 300
THREADS = 48
TYPED = 6


@pytest.fixture(scope="module")
def payloads(corpora: Path) -> list[str]:
    """Return all payloads."""
    return list(json.loads((corpora / "xss/payloads.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def hostile(payloads: list[str]) -> list[dict[str, object]]:
    """Return comments with a payload in every field, as rows: together they hold all payloads.

    They go into the database as they are: what the checks of an entrance would refuse, such as
    a website that is no address, must be harmless as well.
    """
    rows: list[dict[str, object]] = []
    for texts, websites in zip(grouped(payloads), grouped(payloads[::-1]), strict=True):
        text = "\n\n".join(texts)
        rows.append(
            {
                "text": text,
                "html": markup.render(text),
                "text_digest": text_digest(text),
                "name": " ".join(texts),
                "email": texts[0],
                "website": next(filter(markup.website_href, websites), websites[0]),
                "idempotency_digest": None,
            }
        )
    return rows


def grouped(payloads: list[str]) -> Iterator[list[str]]:
    """Yield payloads in groups; one that opens a code block would hide the rest, so it stays alone."""
    group: list[str] = []
    for payload in payloads:
        if "```" in payload or "~~~" in payload:
            yield [payload]
            continue
        group.append(payload)
        if len(group) == TOGETHER:
            yield group
            group = []
    yield group


def store(blog: Blog, rows: list[dict[str, object]], key: str = PAGE, title: str = "") -> None:
    """Write comments into a thread of their own, without any check."""
    with blog.service.app.app_context(), atomic() as session:
        site = session.scalars(select(Site).where(Site.key == "blog")).one()
        thread = Thread(site_id=site.id, key=key, title=title, url=title, count=len(rows))
        session.add(thread)
        session.flush()
        common = {
            "site_id": site.id,
            "thread_id": thread.id,
            "state": State.PUBLISHED.value,
            "conversation_size": 1,
            "markup_version": markup.VERSION,
            "created_at": clock.now(),
        }
        session.execute(insert(Comment), [{**common, **row} for row in rows])
        for comment in session.query(Comment).filter_by(thread_id=thread.id):
            comment.root_id = comment.id


def assert_whole_thread_harmless(box: Box, watch: Watch, count: int) -> None:
    """Walk the thread to its end and look at all of it."""
    more = box.element.get_by_text("Show more comments")
    while more.count():
        shown = box.comments.count()
        more.click()
        expect(box.comments).not_to_have_count(shown)
    assert box.comments.count() == count
    watch.assert_harmless()


@pytest.mark.parametrize(
    "script",
    ["", "delete Element.prototype.setHTML; delete ShadowRoot.prototype.setHTML;"],
    ids=["setHTML", "innerHTML"],
)
def test_all_payloads_in_the_embed(
    blog: Blog, open_page: OpenPage, hostile: list[dict[str, object]], script: str
) -> None:
    blog.set(page_size=200)
    store(blog, hostile)
    page = open_page("about:blank", script)
    watch = Watch.over(page, blog.live.url, blog.service.url)
    page.goto(blog.publish())
    assert_whole_thread_harmless(Box.of(page), watch, len(hostile))


def test_all_payloads_on_the_hosted_page(
    blog: Blog, open_page: OpenPage, hostile: list[dict[str, object]]
) -> None:
    blog.set(page_size=200)
    store(blog, hostile, title="<script>alert(1)</script>\"'><img src=x onerror=alert(1)>")
    page = open_page("about:blank")
    watch = Watch.over(page, blog.service.url)
    page.goto(blog.hosted())
    assert_whole_thread_harmless(Box.of(page), watch, len(hostile))


def test_all_payloads_in_a_hosts_own_page(
    blog: Blog, open_page: OpenPage, hostile: list[dict[str, object]]
) -> None:
    blog.set(page_size=200)
    store(blog, hostile)
    app = blog.service.app
    app.add_url_rule("/host", view_func=lambda: render_template_string(HOST, page=PAGE))
    page = open_page("about:blank")
    watch = Watch.over(page, blog.service.url)
    page.goto(f"{blog.service.url}/host")
    box = Box.of(page)
    assert page.evaluate("!document.querySelector('comment-box').shadowRoot")
    assert_whole_thread_harmless(box, watch, len(hostile))


HOST = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Host</title>
<h1>Host</h1>{{ comments(page) }}</html>"""


def test_payloads_as_page_and_title(
    blog: Blog, open_page: OpenPage, payloads: list[str], hostile: list[dict[str, object]]
) -> None:
    named = [one for one in payloads if one.strip() == one and "\0" not in one][::137]
    boxes = []
    for payload in {one[:KEY_MAX_CHARS]: None for one in named[:THREADS]}:
        store(blog, hostile[:1], key=payload, title=payload[:MAX_TITLE_CHARS])
        written = escape(payload)
        boxes.append(
            f'<comment-box site="blog" page="{written}" title="{written}" url="{written}"'
            ' loading="eager"></comment-box>'
        )
    page = open_page("about:blank")
    watch = Watch.over(page, blog.live.url, blog.service.url)
    page.goto(blog.publish(*boxes, blog.script()))
    expect(page.locator("comment-box .cb-comment")).to_have_count(len(boxes))
    watch.assert_harmless()


def test_payloads_typed_into_every_field_of_the_form(
    blog: Blog, open_page: OpenPage, payloads: list[str], complaints: list[str]
) -> None:
    payload = "\"><img src=x onerror=alert(1)><script>alert(2)</script>'`${alert(3)}{{7*7}}"
    title = escape(f"</title>{payload}")
    head = f'<link rel="canonical" href="{blog.live.url}/{escape(payload)}">'
    page = open_page("about:blank")
    watch = Watch.over(page, blog.live.url, blog.service.url)
    page.goto(blog.publish(head=head).replace("#", "") + f"?q={payload}")
    page.evaluate("title => { document.title = title }", title)
    box = Box.of(page)
    box.remember.check()
    typed = [payload, *payloads[:: len(payloads) // TYPED]]
    for number, text in enumerate(typed, 1):
        box.write(
            text, name=text.replace("\n", " ")[:100], website="https://example.org/?a=1&b='2'"
        )
        box.send.click()
        expect(box.comments).to_have_count(number)
        box.reply(blog.stored()[-1].id).click()
    watch.assert_harmless()
    page.reload()
    expect(Box.of(page).comments).to_have_count(len(typed))
    watch.assert_harmless()
    page.goto(f"{blog.service.url}/sites/blog/thread?url={blog.live.url}/")
    watch.assert_harmless()
    assert [comment.text for comment in blog.stored()] == typed


def test_payloads_in_the_hosted_pages_address(
    blog: Blog, open_page: OpenPage, payloads: list[str], complaints: list[str]
) -> None:
    page = open_page("about:blank")
    watch = Watch.over(page, blog.service.url)
    payload = '"><img src=x onerror=alert(1)><script>alert(2)</script>'
    for name in ("page", "title", "lang", "sort", "after", "reply_to", "waiting", "url"):
        query = f"page=/a&{name}={payload}" if name != "page" else f"page={payload}"
        page.goto(f"{blog.service.url}/sites/blog/thread?{query}")
        expect(page.locator("h1")).to_be_visible()
        watch.assert_harmless()
    page.goto(f"{blog.service.url}/sites/{payload.replace('/', '')}/thread")
    expect(page.get_by_role("alert")).to_be_visible()
    assert page.locator("img").count() == 0
    complaints[:] = [each for each in complaints if "Failed to load resource" not in each]
