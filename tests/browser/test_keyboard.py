"""Everything can be reached and done with the keyboard, and one sees where one is."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from tests.browser.blog import Blog
from tests.browser.box import Box

Visit = Callable[..., Box]

FOCUSED = """() => {
  let at = document.activeElement;
  while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  const style = getComputedStyle(at);
  const { top, bottom, left, right, width, height } = at.getBoundingClientRect();
  return {
    name: at.ariaLabel || at.name || at.id || at.textContent.trim(),
    is_outlined: style.outlineStyle != 'none' && parseFloat(style.outlineWidth) >= 2,
    is_in_view: bottom > 0 && top < innerHeight && right > 0 && left < innerWidth,
    is_large: Math.min(width, height) >= 24 || getComputedStyle(at).display == 'inline' || at.type == 'checkbox',
  };
}"""


def walk(box: Box, key: str, end: str) -> list[dict[str, Any]]:
    """Press a key until the focus is on what is called ``end``; returns every stop."""
    stops: list[dict[str, Any]] = []
    while not stops or stops[-1]["name"] != end:
        assert len(stops) < 60, stops
        box.page.keyboard.press(key)
        stops.append(box.page.evaluate(FOCUSED))
    return stops


def test_the_tab_key_walks_through_thread_and_form_and_back(blog: Blog, visit: Visit) -> None:
    first = blog.write("See [this](https://example.org)", name="Ada")
    blog.write(name="Ben", parent=first)
    blog.write(name="Cy")
    box = visit(blog.publish(below='<p><a href="#end">The end</a></p>'))

    stops = walk(box, "Tab", "The end")

    assert [stop["name"] for stop in stops] == [
        "rules",
        "Write a comment",
        "Oldest first",
        "Newest first",
        "Most helpful first",
        *(["March 1, 2026 at 12:00 PM", "this", "Reply to Ada", "Helpful"]),
        *(["March 1, 2026 at 12:00 PM", "in reply to Ada", "Reply to Ben", "Helpful"]),
        *(["March 1, 2026 at 12:00 PM", "Reply to Cy", "Helpful"]),
        *(["text", "name", "email", "website", "Post comment", "Preview", "cb-remember"]),
        "These comments as an Atom feed",
        "The end",
    ]
    for stop in stops[1:-1]:
        assert stop["is_outlined"], stop
        assert stop["is_in_view"], stop
        assert stop["is_large"], stop
    back = walk(box, "Shift+Tab", "rules")
    assert [stop["name"] for stop in back] == [stop["name"] for stop in stops[-2::-1]]


def test_enter_in_a_field_sends_a_reply_and_does_not_cancel_it(blog: Blog, visit: Visit) -> None:
    ada = blog.write(name="Ada")
    box = visit()
    box.reply(ada).click()
    box.write("By the key alone")
    box.field("Name").press("Enter")
    expect(box.element.get_by_text("By the key alone")).to_be_visible()
    assert blog.stored()[-1].parent_id == ada


def test_a_reply_is_written_cancelled_and_sent_without_a_mouse(blog: Blog, visit: Visit) -> None:
    ada = blog.write(name="Ada")
    blog.write(name="Ben")
    box = visit()
    walk(box, "Tab", "Reply to Ada")
    box.page.keyboard.press("Enter")
    expect(box.text).to_be_focused()
    box.page.keyboard.type("By hand")
    assert [stop["name"] for stop in walk(box, "Shift+Tab", "Cancel reply")] == ["Cancel reply"]
    box.page.keyboard.press("Enter")
    expect(box.reply(ada)).to_be_focused()

    box.page.keyboard.press("Space")
    expect(box.text).to_be_focused()
    expect(box.text).to_have_value("By hand")
    walk(box, "Tab", "Post comment")
    box.page.keyboard.press("Enter")
    expect(box.element.get_by_text("By hand")).to_be_visible()
    answer = blog.stored()[-1]
    assert answer.parent_id == ada
    expect(box.comment(answer.id)).to_be_focused()
    box.page.keyboard.press("Tab")
    expect(box.comment(answer.id).locator(".cb-when")).to_be_focused()


def test_sort_and_more_and_delete_work_without_a_mouse(blog: Blog, visit: Visit) -> None:
    blog.set(page_size=10)
    ids = blog.write_many(12)
    box = visit()
    walk(box, "Tab", "Newest first")
    box.page.keyboard.press("Enter")
    expect(box.comments.first).to_have_id(f"comment-{ids[-1]}")
    expect(box.element.get_by_role("link", name="Newest first")).to_be_focused()
    walk(box, "Tab", "Show more comments")
    box.page.keyboard.press("Enter")
    expect(box.comment(ids[1])).to_be_focused()

    box.text.focus()
    box.page.keyboard.type("A slip")
    box.page.keyboard.press("Control+Enter")
    expect(box.comments).to_have_count(13)
    walk(box, "Tab", "Delete")
    box.page.keyboard.press("Enter")
    expect(box.status).to_have_text("Really delete?")
    box.page.keyboard.press("Enter")
    expect(box.comments).to_have_count(12)
    expect(box.element.locator("article:focus, #comments:focus")).to_have_count(1)
