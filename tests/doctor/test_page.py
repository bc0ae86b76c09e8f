"""What is told of a page: the snippet is there and works, or why it does not."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import quote

import pytest
from flask import Flask
from werkzeug.wrappers import Request, Response

from commentbox.actions.sites import add_site
from commentbox.doctor.finding import Finding, Level
from commentbox.doctor.page import examine_page
from commentbox.outbound import Client
from tests.websites import LiveBlog, LiveService, serving

CLIENT = Client(allows_private=True, timeout=timedelta(seconds=10))


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Return a SQLite database: nothing here depends on the kind."""
    return sqlite_url


@pytest.fixture(autouse=True)
def _in_the_app(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def examined(url: str, service: str = "") -> list[Finding]:
    return list(examine_page(url, service, CLIENT))


def problems(url: str, service: str = "") -> list[str]:
    return [each.sentence for each in examined(url, service) if each.level == Level.WRONG]


def test_a_page_with_the_snippet_is_well(live_blog: LiveBlog, live_service: LiveService) -> None:
    url = live_blog.publish("/a/", f'<script src="{live_service.url}/embed.js" data-site=blog>')
    findings = examined(url, live_service.url)
    assert [each.level for each in findings] == [Level.GOOD, Level.GOOD]


@pytest.mark.parametrize(
    ("html", "told"),
    [
        ("<p>Nothing here", ["paste the snippet"]),
        ('<script src="{service}/embed.js"></script>', ["give the script tag data-site"]),
        ('<script src="{service}/embed.js"></script><comment-box site="blog">', []),
        ('<script src="{service}/embed-0.1.0.js" data-site="blog"></script>', []),
        ('<script src="{service}/embed.js" data-site="shop"></script>', ["“shop”, which is not"]),
        ('<script src="{service}/lost/embed.js" data-site="blog"></script>', ["not the embed", ""]),
        ('<script type="text/plain" src="{service}/embed.js" data-site="blog">', ["text/plain"]),
        ('<base href="{service}/"><script src="embed.js" data-site="blog">', []),
        (
            '<meta http-equiv="Content-Security-Policy" content="default-src \'self\'">'
            '<script src="{service}/embed.js" data-site="blog">',
            ["script-src", "connect-src"],
        ),
    ],
)
def test_what_is_wrong_with_a_page_is_told(
    live_blog: LiveBlog, live_service: LiveService, html: str, told: list[str]
) -> None:
    found = problems(live_blog.publish("/a/", html.format(service=live_service.url)))
    assert len(found) == len(told), found
    for sentence, words in zip(found, told, strict=True):
        assert words in sentence


def test_a_snippet_of_another_service_is_told(
    live_blog: LiveBlog, live_service: LiveService
) -> None:
    url = live_blog.publish("/a/", f'<script src="{live_service.url}/embed.js" data-site=blog>')
    [told] = problems(url, "https://comments.example.org")
    assert f"from {live_service.url}, and this service is https://comments.example.org" in told


def test_an_origin_that_is_not_the_sites_is_told_with_the_command(
    live_blog: LiveBlog, live_service: LiveService
) -> None:
    add_site("other", ["https://other.example"])
    url = live_blog.publish("/a/", f'<script src="{live_service.url}/embed.js" data-site=other>')
    [told] = problems(url)
    assert f"commentbox site add other --origin {live_blog.url}" in told


def test_a_page_is_found_by_its_redirects_and_in_any_script(live_service: LiveService) -> None:
    snippet = f'<script src="{live_service.url}/embed.js" data-site=blog></script>'

    @Request.application
    def answer(request: Request) -> Response:
        if request.path == "/über-uns/":
            return Response(snippet, mimetype="text/html")
        return Response(status=302, headers={"Location": "/" + quote("über-uns") + "/"})

    with serving(answer, host="localhost") as url:
        add_site("blog", [url])
        for path in ("/über-uns/", "/", "/über-uns/#comments"):
            assert problems(url + path) == []


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://127.0.0.1:1/", "no connection"),
        ("ftp://blog.example/", "no address"),
        ("blog.example", "no address"),
        ("http://127.0.0.1:1\n/", "no address"),
    ],
)
def test_an_address_without_a_page_is_told(url: str, told: str) -> None:
    [sentence] = problems(url)
    assert told in sentence


def test_what_is_no_page_is_told(live_blog: LiveBlog, live_service: LiveService) -> None:
    for url, status in ((f"{live_blog.url}/nothing", 404), (f"{live_service.url}/healthz", 200)):
        [sentence] = problems(url)
        assert f"status {status}" in sentence


def test_a_circle_of_redirects_ends() -> None:
    @Request.application
    def answer(_request: Request) -> Response:
        return Response(status=302, headers={"Location": "/"})

    with serving(answer) as url:
        [sentence] = problems(url)
    assert "status 302" in sentence
