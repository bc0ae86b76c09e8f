"""A set-up mistake: one calm line for readers, the remedy on the console, the page unharmed."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from playwright.sync_api import Page, expect

from tests.browser.blog import Blog
from tests.browser.box import Box
from tests.websites import blogging

OpenPage = Callable[..., Page]
Complaint = Callable[[Page, str], AbstractContextManager[None]]

CALM = {
    "en": "Comments cannot be shown at the moment.",
    "de": "Die Kommentare können gerade nicht angezeigt werden.",
}
OPEN = {"Access-Control-Allow-Origin": "*"}
OWN_SCRIPT = """<script>
window.harm = [];
for (const kind of ['error', 'unhandledrejection']) addEventListener(kind, () => harm.push(kind));
</script>
<p id="own">The page's own words</p>
<button onclick="this.textContent = 'Works'">Own</button>"""


@pytest.fixture
def stranger(blog: Blog) -> Iterator[Blog]:
    """Return a blog whose origin the site does not know."""
    with blogging() as live:
        yield Blog(live, blog.service)


def assert_unharmed(page: Page) -> None:
    """The page's own script runs on and heard of no error; its words stand where they stood."""
    page.get_by_role("button", name="Own").click()
    expect(page.get_by_role("button", name="Works")).to_be_visible()
    expect(page.locator("#own")).to_be_visible()
    assert page.evaluate("harm") == []


@pytest.mark.parametrize("lang", ["en", "de"])
def test_an_unknown_site_is_one_calm_line(
    blog: Blog, open_page: OpenPage, complaints: list[str], lang: str
) -> None:
    page = open_page(blog.publish(blog.snippet(site="blgo"), lang=lang, above=OWN_SCRIPT))
    expect(page.get_by_role("status")).to_have_text(CALM[lang])
    assert_unharmed(page)
    remedy = {"en": "add it with “commentbox site add”", "de": "commentbox site add"}[lang]
    assert_said(complaints, "blgo", remedy)


def test_a_page_of_a_foreign_origin_is_one_calm_line(
    stranger: Blog, open_page: OpenPage, complaints: list[str]
) -> None:
    page = open_page(stranger.publish(above=OWN_SCRIPT))
    expect(page.get_by_role("status")).to_have_text(CALM["en"])
    assert_unharmed(page)
    expect(page.locator("comment-box")).to_have_css("min-height", "0px")
    assert_said(complaints, f"add it with “commentbox site add blog --origin {stranger.live.url}”")


def test_a_comment_from_a_foreign_origin_is_not_lost_and_the_owner_hears_why(
    stranger: Blog, open_page: OpenPage, complaints: list[str]
) -> None:
    url = stranger.publish(stranger.snippet(page="/2026/social-media"), above=OWN_SCRIPT)
    box = Box.of(open_page(url))
    box.write("Hello from elsewhere")
    box.send.click()
    expect(box.alert).to_contain_text("That did not work. Nothing you wrote is lost")
    expect(box.text).to_have_value("Hello from elsewhere")
    assert_unharmed(box.page)
    assert_said(complaints, f"add it with “commentbox site add blog --origin {stranger.live.url}”")
    assert stranger.stored() == []


def test_a_template_that_printed_nothing_is_one_calm_line(
    blog: Blog, open_page: OpenPage, complaints: list[str]
) -> None:
    boxes = blog.snippet(page="null"), blog.snippet(page="undefined")
    page = open_page(blog.publish(*boxes, above=OWN_SCRIPT))
    expect(page.get_by_role("status")).to_have_text([CALM["en"]] * 2)
    assert_unharmed(page)
    assert_said(
        complaints,
        "“null” is not a page: the page's template prints a missing value",
        "“undefined” is not a page: the page's template prints a missing value",
    )


def test_a_service_that_does_not_answer_is_one_calm_line(
    blog: Blog, open_page: OpenPage, complaints: list[str]
) -> None:
    url = blog.publish(above=OWN_SCRIPT, below=blog.snippet(page="/second/"))
    page = open_page("about:blank")
    page.route("**/embed/**", lambda route: route.abort("connectionrefused"))
    page.goto(url)
    expect(page.get_by_role("status")).to_have_text([CALM["en"]] * 2)
    assert_unharmed(page)
    assert_said(complaints, blog.service.url, "cannot be reached")


def test_an_answer_that_is_no_thread_is_one_calm_line(
    blog: Blog, open_page: OpenPage, complaints: list[str]
) -> None:
    url = blog.publish(above=OWN_SCRIPT)
    page = open_page("about:blank")
    answers = ["<h1>Bad gateway</h1>", "{}", '"oops"', "null", ""]
    left = iter(answers)
    page.route(
        "**/embed/**",
        lambda route: route.fulfill(status=502, body=next(left), headers=OPEN),
    )
    for _ in answers:
        page.goto(url)
        expect(page.get_by_role("status")).to_have_text(CALM["en"])
        assert_unharmed(page)
    complaints.clear()


def test_a_dead_service_leaves_the_page_as_it_is(
    blog: Blog, open_page: OpenPage, complaints: list[str]
) -> None:
    with blogging() as gone:
        pass
    snippet = blog.snippet().replace(blog.service.url, gone.url)
    page = open_page(blog.publish(snippet, above=OWN_SCRIPT))
    assert_unharmed(page)
    assert_said(complaints, "ERR_CONNECTION_REFUSED")


def test_a_page_without_storage_can_still_be_commented(blog: Blog, open_page: OpenPage) -> None:
    blog.write(name="Ada")
    forbid = """for (const area of ['localStorage', 'sessionStorage'])
      Object.defineProperty(window, area, { get() { throw new DOMException('forbidden', 'SecurityError') } })"""
    box = Box.of(open_page(blog.publish(above=OWN_SCRIPT), forbid))
    box.write("Without a memory")
    box.send.click()
    expect(box.comments.last).to_contain_text("Without a memory")
    assert_unharmed(box.page)


def assert_said(complaints: list[str], *words: str) -> None:
    """The console told the owner what is wrong; these complaints were expected."""
    told = "\n".join(complaints)
    for each in words:
        assert each in told
    complaints.clear()
