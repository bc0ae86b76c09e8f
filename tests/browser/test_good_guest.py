"""The embed is a good guest: two requests, no shift, no style in or out, happy under a strict CSP."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.blog import Blog
from tests.browser.box import Box
from tests.browser.gate import Gate

OpenPage = Callable[..., Page]

WITHOUT_SET_HTML = "delete Element.prototype.setHTML; delete ShadowRoot.prototype.setHTML;"

FOOTER = '<footer style="height: 20em"><p>About this blog</p></footer>'
STORY = "<p>Words of a story.</p>"

LAYOUTS: dict[str, Callable[[Blog], tuple[str, str, str]]] = {
    "far below": lambda blog: (STORY * 200, blog.snippet(), FOOTER),
    "last in the first screen": lambda blog: (STORY, blog.snippet(), ""),
    "in the first screen, the script in time": lambda blog: (
        STORY,
        blog.snippet().replace(" async ", " "),
        FOOTER,
    ),
    "in the first screen, the place kept by the page": lambda blog: (
        STORY
        + "<style>comment-box:not([data-settled]) { display: block; min-height: 100vh }</style>",
        '<comment-box site="blog"></comment-box>' + blog.script(),
        FOOTER,
    ),
}
"""What stands above the box, the box, what stands below it."""

COUNT_SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const { value, sources } of list.getEntries())
    shifts.push({ value, of: sources.map(({ node }) => node && (node.className || node.nodeName)) });
}).observe({ type: 'layout-shift', buffered: true });
"""

HOSTILE_STYLE = """
* { all: revert; font-style: italic !important }
button, input, textarea, form, label { display: none !important }
article, li, p, section { position: fixed !important; inset: 0; opacity: 0 !important }
h2, h3 { font: 90px fantasy !important; transform: rotate(90deg) !important }
a { pointer-events: none !important; visibility: hidden !important }
ol { list-style: upper-roman inside !important; columns: 5 !important }
.cb-comment, .cb-body, #comments, [part] { display: none !important }
"""


def test_before_the_first_comment_shows_there_are_two_requests(
    blog: Blog, open_page: OpenPage
) -> None:
    blog.write_many(3)
    url = blog.publish()
    asked: list[str] = []
    page = open_page("about:blank")
    page.on("request", lambda request: asked.append(request.url))
    page.goto(url)
    expect(Box.of(page).comments).to_have_count(3)
    of_service = [each for each in asked if each.startswith(blog.service.url)]
    assert [each.partition("?")[0] for each in of_service] == [
        f"{blog.service.url}/embed.js",
        f"{blog.service.url}/embed/blog/thread",
    ]


def test_no_third_party_is_asked_whatever_the_reader_does(blog: Blog, open_page: OpenPage) -> None:
    number = blog.write("See ![picture](https://elsewhere.example/a.png) https://elsewhere.example")
    asked: set[str] = set()
    page = open_page("about:blank")
    page.on("request", lambda request: asked.add("/".join(request.url.split("/")[:3])))
    page.goto(blog.publish())
    box = Box.of(page)
    box.remember.check()
    box.reply(number).click()
    box.write("Here", name="Ada", website="https://ada.example")
    box.send.click()
    expect(box.comments).to_have_count(2)
    box.comments.first.get_by_role("button", name="Helpful").click()
    expect(box.comments.first).to_contain_text("Helpful · 1")
    assert asked == {blog.live.url, blog.service.url}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_nothing_shifts_when_the_thread_comes_late(
    blog: Blog, open_page: OpenPage, layout: str
) -> None:
    blog.write_many(30)
    story, box, below = LAYOUTS[layout](blog)
    url = blog.publish(box, above=story, below=below)
    page = open_page("about:blank")
    page.add_init_script(COUNT_SHIFTS)
    script, thread = Gate.on(page, "**/embed.js"), Gate.on(page, "**/embed/**")
    if " async " not in box:
        script.open()
    page.goto(url, wait_until="commit")
    painted(page)
    script.open()
    page.wait_for_function("document.querySelector('comment-box')?.shadowRoot")
    painted(page)
    page.locator("comment-box").scroll_into_view_if_needed()
    thread.open()
    expect(Box.of(page).comments).to_have_count(30)
    painted(page)
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    painted(page)
    assert page.evaluate("shifts") == []


def painted(page: Page) -> None:
    """Let the page show what it has: two frames, as the first may already be under way."""
    page.wait_for_selector("main")
    page.evaluate(
        "new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(go))))"
    )


@pytest.mark.parametrize(
    ("trusted", "script"),
    [(True, ""), (True, WITHOUT_SET_HTML), (False, WITHOUT_SET_HTML)],
    ids=["trusted types", "trusted types without setHTML", "neither"],
)
def test_a_strict_policy_needs_to_allow_nothing_but_the_service(
    blog: Blog, open_page: OpenPage, trusted: bool, script: str
) -> None:
    number = blog.write(name="Ada")
    service = blog.service.url
    policy = f"default-src 'none'; script-src {service}; connect-src {service}"
    if trusted:
        policy += "; require-trusted-types-for 'script'; trusted-types comment-box"
    head = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    box = Box.of(open_page(blog.publish(head=head), script))
    box.reply(number).click()
    expect(box.text).to_be_focused()
    box.write("Strictly speaking", name="Ben")
    box.send.click()
    expect(box.comments.last).to_contain_text("Strictly speaking")
    box.comments.last.get_by_role("button", name="Edit").click()
    expect(box.text).to_have_value("Strictly speaking")
    box.text.fill("Strictly spoken")
    box.send.click()
    expect(box.comments.last).to_contain_text("Strictly spoken")
    # The stylesheet applies: it is in the script, not inline.
    expect(box.form).to_have_css("display", "flex")


def test_a_pages_hostile_stylesheet_does_not_reach_the_thread(
    blog: Blog, open_page: OpenPage
) -> None:
    number = blog.write("Untouched", name="Ada")
    plain = Box.of(open_page(blog.publish(path="/plain", lang="en", head=canonical(blog))))
    head = f"{canonical(blog)}<style>{HOSTILE_STYLE}</style>"
    hostile = Box.of(open_page(blog.publish(path="/hostile", head=head)))
    for box in (plain, hostile):
        box.reply(number).press("Enter")
        expect(box.text).to_be_focused()
    for name in (
        "#comments",
        ".cb-list",
        ".cb-comment",
        ".cb-by",
        ".cb-when",
        ".cb-body p",
        ".cb-reply",
        ".cb-form",
        ".cb-form label",
        ".cb-input",
        ".cb-submit",
        ".cb-cancel",
    ):
        assert looks(hostile, name) == looks(plain, name), name
    hostile.write("Still possible")
    hostile.send.press("Enter")
    expect(hostile.comments).to_have_count(2)


def canonical(blog: Blog) -> str:
    return f'<link rel="canonical" href="{blog.live.url}/2026/social-media">'


def looks(box: Box, name: str) -> dict[str, Any]:
    """Return how an element is styled, but for what every page may hand down."""
    looks: dict[str, Any] = box.element.locator(name).first.evaluate(
        """(element) => {
          const style = getComputedStyle(element);
          const names = ['display', 'position', 'visibility', 'opacity', 'transform', 'columnCount',
            'pointerEvents', 'listStyleType', 'fontSize', 'padding', 'borderWidth', 'color'];
          return Object.fromEntries(names.map((name) => [name, style[name]]));
        }"""
    )
    return looks


def test_our_styles_reach_nothing_of_the_page(blog: Blog, open_page: OpenPage) -> None:
    own = """
    <section class="cb-thread" id="comments"><h2 class="cb-heading">Ours</h2>
    <article class="cb-comment cb-held"><p class="cb-body">Text</p></article>
    <form class="cb-form"><input class="cb-input" aria-invalid="true"><textarea></textarea>
    <button class="cb-submit" type="button">B</button><p class="cb-alert" hidden></p>
    <a class="cb-cancel" href="/">Link</a></form><ol class="cb-list"><li class="cb-item">1</li></ol>
    </section>"""
    page = open_page(blog.publish("<i></i>", above=own))
    before = all_styles(page)
    page.evaluate(
        """(service) => {
          const script = document.createElement('script');
          script.src = service + '/embed.js';
          script.dataset.site = 'blog';
          document.querySelector('main').append(script);
        }""",
        blog.service.url,
    )
    expect(Box.of(page).form).to_be_visible()
    assert all_styles(page) == before
    assert page.evaluate("document.styleSheets.length + document.adoptedStyleSheets.length") == 0


def all_styles(page: Page) -> list[str]:
    """Return the computed style of everything above the box."""
    styles: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('article, article *, section, section *')].map((each) => {
          const style = getComputedStyle(each);
          return [...style].map((name) => name + ':' + style[name]).join(';');
        })"""
    )
    return styles


def test_nothing_is_left_in_the_pages_own_names(blog: Blog, open_page: OpenPage) -> None:
    names = "JSON.stringify(Object.getOwnPropertyNames(window).sort())"
    page = open_page(blog.publish("<i></i>"))
    before = json.loads(page.evaluate(names))
    page.goto(blog.publish())
    expect(Box.of(page).form).to_be_visible()
    assert set(json.loads(page.evaluate(names))) <= set(before)
