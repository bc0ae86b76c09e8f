"""The demo's blog server: it answers with the pages, says no to the rest, and leaves no trace."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlsplit

import pytest

from commentbox.demo.blog import BlogServer
from commentbox.demo.conversations import DemoPage, demo_pages
from commentbox.errors import SetupError
from commentbox.i18n import language
from commentbox.server import require_free

PAGES = demo_pages()
SERVICE = "http://127.0.0.1:8080"


@pytest.fixture
def blog() -> Iterator[BlogServer]:
    """A running blog on a free port."""
    server = BlogServer("127.0.0.1", 0, SERVICE, published=datetime(2026, 3, 1, 12, tzinfo=UTC))
    server.start()
    yield server
    server.stop()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.site)
def test_a_page_is_served_with_both_addresses_filled_in(blog: BlogServer, page: DemoPage):
    response, body = ask(blog, page.path)
    assert response.status == 200
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert f'src="{SERVICE}/embed.js"' in body
    assert f'<link rel="canonical" href="{blog.url}{page.path}">' in body
    assert '<time datetime="2026-03-01">' in body


@pytest.mark.parametrize("path", ["/", "/nowhere/", *(page.path for page in PAGES)])
def test_no_placeholder_is_left(blog: BlogServer, path: str):
    _, body = ask(blog, path)
    assert "{{" not in body


def test_the_date_is_written_as_each_language_writes_it(blog: BlogServer):
    _, body = ask(blog, "/")
    assert "1. März 2026" in body
    assert "1 March 2026" in body


def test_the_stylesheet_is_css(blog: BlogServer):
    response, _ = ask(blog, "/blog.css")
    assert response.headers["Content-Type"] == "text/css; charset=utf-8"


def test_a_query_changes_nothing(blog: BlogServer):
    path = PAGES[0].path
    assert ask(blog, f"{path}?utm_source=test")[1] == ask(blog, path)[1]


def test_a_path_without_its_slash_leads_to_the_page(blog: BlogServer):
    response, _ = ask(blog, PAGES[0].path.rstrip("/"))
    assert (response.status, response.headers["Location"]) == (301, PAGES[0].path)


@pytest.mark.parametrize(
    "path",
    ["/de/", "/404", "/blog.py", "/index.html", "/../blog.py", "/%2e%2e/blog.py", "//de/", "/\\"],
)
def test_only_the_pages_can_be_reached(blog: BlogServer, path: str):
    response, body = ask(blog, path)
    assert response.status == 404
    assert "There is no page here." in body


def test_head_says_the_same_as_get_without_the_page(blog: BlogServer):
    head, nothing = ask(blog, "/", method="HEAD")
    get, page = ask(blog, "/")
    assert nothing == ""
    assert head.headers["Content-Length"] == get.headers["Content-Length"]
    assert int(get.headers["Content-Length"]) == len(page.encode())


def test_nothing_can_be_written(blog: BlogServer):
    response, _ = ask(blog, "/", method="POST")
    assert response.status == 501


def test_the_terminal_stays_quiet(blog: BlogServer, capfd: pytest.CaptureFixture[str]):
    ask(blog, "/")
    ask(blog, "/nowhere/")
    assert capfd.readouterr() == ("", "")


def test_the_port_is_free_after_stop():
    first = BlogServer("127.0.0.1", 0, SERVICE)
    first.start()
    ask(first, "/")
    first.stop()
    again = BlogServer("127.0.0.1", urlsplit(first.url).port or 0, SERVICE)
    again.start()
    assert ask(again, "/")[0].status == 200
    again.stop()


def test_stop_works_before_start_and_twice():
    server = BlogServer("127.0.0.1", 0, SERVICE)
    server.stop()
    server.stop()


def test_a_taken_port_is_refused_with_the_remedy():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SetupError, match=rf"port {port} .*--port") as refused:
            BlogServer("127.0.0.1", port, SERVICE)
    # As the command line says it; a port is no amount.
    said = language("en").filled(refused.value.message, refused.value.facts)
    assert f"port {port} " in said


def test_the_services_own_port_is_written_as_it_is_typed():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SetupError) as refused:
            require_free("127.0.0.1", port)
    said = language("en").filled(refused.value.message, refused.value.facts)
    assert f"port {port} " in said


def ask(blog: BlogServer, path: str, method: str = "GET") -> tuple[HTTPResponse, str]:
    """Send one request for exactly this path and read the answer."""
    address = urlsplit(blog.url)
    connection = HTTPConnection(address.hostname or "", address.port)
    try:
        connection.request(method, path)
        response = connection.getresponse()
        return response, response.read().decode()
    finally:
        connection.close()
