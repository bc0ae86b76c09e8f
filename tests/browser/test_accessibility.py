"""axe-core finds nothing: in every state of the box, light and dark, from right to left, narrow."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from commentbox.models import State
from tests.browser.axe import violations
from tests.browser.blog import PAGE, Blog
from tests.browser.box import Box

OpenPage = Callable[..., Page]
State_ = Callable[[Blog, OpenPage], Box]

SCHEMES = ("light", "dark")

# axe-core cannot know what lies behind a page without a background of its own.
OPAQUE = "<style>:root { background: Canvas; color: CanvasText }</style>"

MARKDOWN = """A [link](https://example.org) and **bold** *words* with `code`.

> A quote

- one
- two

```
a block of code
```"""


def empty(blog: Blog, open_page: OpenPage) -> Box:
    return Box.of(open_page(blog.publish(head=OPAQUE)))


def short(blog: Blog, open_page: OpenPage) -> Box:
    parent = blog.write(MARKDOWN, name="Ada")
    blog.write(parent=blog.write(parent=parent, name=""))
    gone = blog.write()
    blog.write(parent=gone)
    blog.rule(gone, State.REMOVED)
    return empty(blog, open_page)


def long(blog: Blog, open_page: OpenPage) -> Box:
    blog.set(page_size=10)
    ids = blog.write_many(30)
    box = Box.of(open_page(f"{blog.publish(head=OPAQUE)}#comment-{ids[15]}"))
    expect(box.comment(ids[15])).to_be_focused()
    return box


def reply_open(blog: Blog, open_page: OpenPage) -> Box:
    box = short(blog, open_page)
    box.element.get_by_role("button", name="Reply to Ada").click()
    expect(box.text).to_be_focused()
    return box


def wrong_fields(blog: Blog, open_page: OpenPage) -> Box:
    box = empty(blog, open_page)
    box.write("", **{"e-mail": "nobody"})
    box.send.click()
    expect(box.alert).not_to_be_empty()
    return box


def held(blog: Blog, open_page: OpenPage) -> Box:
    blog.set(moderation="all")
    box = empty(blog, open_page)
    box.write("Waiting")
    box.send.click()
    expect(box.comments).to_be_focused()
    return box


def editing(blog: Blog, open_page: OpenPage) -> Box:
    box = empty(blog, open_page)
    box.write("Mine")
    box.send.click()
    box.comments.get_by_role("button", name="Edit").click()
    expect(box.text).to_have_value("Mine")
    return box


def closed(blog: Blog, open_page: OpenPage) -> Box:
    blog.write()
    blog.set(is_open="no")
    return empty(blog, open_page)


def hosted(blog: Blog, open_page: OpenPage) -> Box:
    number = blog.write(MARKDOWN, name="Ada")
    blog.write(parent=number)
    return Box.of(open_page(blog.hosted(query=f"&reply_to={number}")))


STATES: dict[str, State_] = {
    each.__name__: each
    for each in (empty, short, long, reply_open, wrong_fields, held, editing, closed, hosted)
}


@pytest.mark.parametrize("state", STATES)
def test_nothing_is_wrong(
    blog: Blog, open_page: OpenPage, complaints: list[str], state: str
) -> None:
    page = STATES[state](blog, open_page).page
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == [], scheme
    complaints[:] = [each for each in complaints if "422" not in each]


def test_nothing_is_wrong_on_a_narrow_screen_from_right_to_left(
    blog: Blog, open_page: OpenPage
) -> None:
    box = reply_open(blog, open_page)
    box.page.set_viewport_size({"width": 320, "height": 640})
    assert violations(box.page) == []
    box.page.evaluate("document.documentElement.dir = 'rtl'")
    box.element.locator("section").evaluate("section => { section.dir = 'rtl' }")
    assert violations(box.page) == []


@pytest.mark.parametrize(
    ("background", "color", "theme"),
    [
        ("#fff", "#222", "light"),
        ("#14171c", "#dde", "dark"),
        ("#f4ecd8", "#433422", "auto"),
        ("#fff", "#222", "dark"),
        ("#14171c", "#dde", "light"),
    ],
)
def test_nothing_is_wrong_on_pages_of_other_colours(
    blog: Blog, open_page: OpenPage, background: str, color: str, theme: str
) -> None:
    blog.write(MARKDOWN, name="Ada")
    style = f"<style>:root {{ background: {background}; color: {color} }} main a {{ color: inherit }}</style>"
    box = Box.of(open_page(blog.publish(blog.snippet(theme=theme), head=style)))
    box.write("Fine words", name="Ada")
    box.send.click()
    expect(box.status).to_have_text("Your comment is published.")
    assert violations(box.page) == []


@pytest.mark.parametrize("way", ["wrong fields", "a problem of the whole page"])
def test_nothing_is_wrong_with_the_hosted_pages_errors(
    blog: Blog, open_page: OpenPage, complaints: list[str], way: str
) -> None:
    page = open_page("about:blank")
    # axe-core needs scripts, these pages are for who has none: only ours stays away.
    page.route("**/embed.js", lambda route: route.fulfill(body=""))
    page.goto(blog.hosted())
    box = Box.of(page)
    box.write("" if way == "wrong fields" else "Kept for copying")
    if way != "wrong fields":
        blog.set(is_open="no")
    box.send.click()
    expect(page.get_by_role("alert")).not_to_be_empty()
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == [], scheme
    complaints.clear()


def test_headings_lists_and_names_are_what_they_should_be(blog: Blog, open_page: OpenPage) -> None:
    parent = blog.write("First", name="Ada")
    blog.write("Second", name="Ben", parent=parent)
    box = empty(blog, open_page)
    expect(box.element).to_match_aria_snapshot(
        """
        - region "2 comments on “Social media”":
          - heading "2 comments" [level=2]
          - list:
            - listitem:
              - article /Ada/:
                - heading /Ada/ [level=3]
                - paragraph: First
                - button "Reply to Ada"
                - button "Helpful"
              - list:
                - listitem:
                  - article /Ben/:
                    - heading /Ben/ [level=3]
                    - paragraph:
                      - link "in reply to Ada"
                    - paragraph: Second
                    - button "Reply to Ben"
                    - button "Helpful"
          - status
          - form "Write a comment on “Social media”":
            - heading "Write a comment" [level=3]
            - paragraph:
              - textbox "Comment"
            - paragraph:
              - textbox "Name"
            - paragraph:
              - textbox /E-mail/
            - paragraph:
              - textbox "Website"
            - alert
            - paragraph:
              - button "Post comment"
              - button "Preview"
              - checkbox "Remember me in this browser"
          - paragraph:
            - link "These comments as an Atom feed"
        """
    )


def test_the_headings_follow_the_level_that_the_page_wants(blog: Blog, open_page: OpenPage) -> None:
    number = blog.write(name="Ada")
    page = open_page(blog.publish(blog.snippet(heading="3")))
    box = Box.of(page)
    expect(box.element.get_by_role("heading", level=3)).to_have_text("1 comment")
    expect(box.element.get_by_role("heading", level=4)).to_have_count(2)
    box.reply(number).click()
    box.write("Answer")
    box.send.click()
    expect(box.comments).to_have_count(2)
    expect(box.element.get_by_role("heading", level=4)).to_have_count(3)


def test_the_address_of_the_page_shown_is_the_hosted_one(blog: Blog, open_page: OpenPage) -> None:
    blog.set(page_size=10)
    blog.write_many(11)
    box = empty(blog, open_page)
    more = box.element.get_by_text("Show more comments").get_attribute("href") or ""
    assert more.startswith(f"{blog.service.url}/sites/blog/thread?page=")
    assert PAGE.replace("/", "%2F") in more
