"""The ground of the browser's tests: a blog, its readers and their complaints."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page

from tests.browser.blog import Blog
from tests.browser.box import Box
from tests.websites import LiveBlog, LiveService


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Return a SQLite database: what a browser shows does not depend on the kind."""
    return sqlite_url


@pytest.fixture
def post_limit() -> str:
    """Return how often somebody may post; a test that is about this overrides it."""
    return ""


@pytest.fixture
def app(new_app: Callable[..., Flask], post_limit: str) -> Flask:
    """Return the service as an app."""
    return new_app(COMMENTBOX_POST_LIMIT=post_limit)


@pytest.fixture
def blog(live_blog: LiveBlog, live_service: LiveService) -> Blog:
    """Return a blog with a site at the service. Tests type fast: nobody is held for their pace."""
    blog = Blog(live_blog, live_service)
    blog.set(pace_seconds=0)
    return blog


@pytest.fixture
def open_page(open_context: Callable[..., BrowserContext]) -> Callable[..., Page]:
    """Return a function that opens an address in a profile of its own, e.g. ``locale="de-DE"``."""

    def open_one(url: str, script: str = "", **options: object) -> Page:
        page = open_context(**options).new_page()
        if script:
            page.add_init_script(script)
        page.goto(url)
        return page

    return open_one


@pytest.fixture
def visit(blog: Blog, open_page: Callable[..., Page]) -> Callable[..., Box]:
    """Return a function with which somebody new visits a page of the blog and finds its box."""

    def visit_one(url: str = "", **options: object) -> Box:
        return Box.of(open_page(url or blog.publish(), **options))

    return visit_one


@pytest.fixture
def complaint(complaints: list[str]) -> Callable[[Page, str], AbstractContextManager[None]]:
    """Return a block inside which the page must complain with the given words."""

    @contextmanager
    def expected(page: Page, words: str) -> Iterator[None]:
        with page.expect_console_message(lambda message: words in message.text):
            yield
        complaints[:] = [each for each in complaints if words not in each]

    return expected
