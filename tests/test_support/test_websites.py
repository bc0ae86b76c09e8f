"""The live blog and the live service, as the browser sees them."""

from urllib.parse import urlsplit

from playwright.sync_api import Page

from tests.websites import LiveBlog, LiveService


def test_the_blog_and_the_service_are_different_sites(
    live_blog: LiveBlog, live_service: LiveService
) -> None:
    blog, service = urlsplit(live_blog.url), urlsplit(live_service.url)

    assert blog.hostname != service.hostname
    assert blog.port != service.port


def test_a_page_of_the_blog_reads_from_the_service(
    page: Page, live_blog: LiveBlog, live_service: LiveService
) -> None:
    page.goto(live_blog.publish("/post/", "<h1>A post</h1>"))

    kind = page.evaluate(
        "url => fetch(url).then(answer => answer.headers.get('content-type'))",
        f"{live_service.url}/embed.js",
    )

    assert "javascript" in kind


def test_a_blog_without_an_icon_is_no_complaint(page: Page, live_blog: LiveBlog) -> None:
    page.goto(live_blog.publish("/", "<h1>A post</h1>"))


def test_errors_of_a_page_are_heard(page: Page, live_blog: LiveBlog, complaints: list[str]) -> None:
    script = "console.error('first'); fetch('/missing'); throw Error('last')"
    with page.expect_console_message(lambda message: "404" in message.text):
        page.goto(live_blog.publish("/", f"<script>{script}</script>"))

    page.context.close()  # what was said before is heard by then

    heard = "\n".join(complaints)
    complaints.clear()
    assert "first" in heard
    assert "404" in heard
    assert "last" in heard


def test_nothing_leaves_the_machine(page: Page, live_blog: LiveBlog, complaints: list[str]) -> None:
    with page.expect_event("requestfailed") as failed:
        page.goto(live_blog.publish("/", "<img src='https://elsewhere.example/'>"))

    assert failed.value.failure == "net::ERR_NAME_NOT_RESOLVED"
    page.context.close()
    complaints.clear()
